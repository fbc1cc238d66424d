internal import Glibc

/// Floats as text, in the forms that messages and labels use.
enum FloatText {
    /// The shortest exact decimal without exponent: `100000`, `0.000001`, `NaN`, `+Inf`.
    static func plain(_ value: Double) -> String {
        if let special = special(value) { return special }
        // Most values in labels are small whole numbers, for which nothing needs to be taken apart.
        if value.magnitude < 1e15, let whole = Int64(exactly: value),
            whole != 0 || value.sign == .plus
        {
            return String(whole)
        }
        let digits = Digits(value)
        return digits.sign + digits.plain
    }

    /// The shortest exact decimal, with an exponent below 1e-4 and from 1e6: Go's `%v` and `%g`.
    static func general(_ value: Double) -> String {
        if let special = special(value) { return special }
        let digits = Digits(value)
        return digits.sign
            + ((-4..<6).contains(digits.exponent) ? digits.plain : digits.scientific)
    }

    /// A float that always shows it is one: `0.5`, `1.0`, `1e+06` (OpenMetrics).
    static func openMetrics(_ value: Double) -> String {
        if let special = special(value) { return special }
        let digits = Digits(value)
        guard (-4..<6).contains(digits.exponent) else { return digits.sign + digits.scientific }
        let text = digits.plain
        return digits.sign + (text.utf8.contains(UInt8(ascii: ".")) ? text : text + ".0")
    }

    /// Six decimals, as `%f`.
    static func fixed(_ value: Double) -> String {
        special(value) ?? formatted("%f", value)
    }

    /// Two significant digits, as `%.2g`.
    static func twoDigits(_ value: Double) -> String {
        special(value) ?? formatted("%.2g", value)
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : nil
    }

    private static func formatted(_ format: String, _ value: Double) -> String {
        // The longest finite float has 309 digits before the point.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
            let length = withVaList([value]) {
                vsnprintf(buffer.baseAddress, buffer.count, format, $0)
            }
            return String(
                decoding: buffer.prefix(max(0, Int(length))).lazy.map(UInt8.init(bitPattern:)),
                as: UTF8.self
            )
        }
    }

    /// The shortest digits that read back as the same finite float.
    private struct Digits {
        let sign: String
        /// Without zeros at either end, except for zero itself.
        let digits: [UInt8]
        /// The power of ten of the first digit.
        let exponent: Int

        init(_ value: Double) {
            sign = value.sign == .minus ? "-" : ""
            var digits: [UInt8] = []
            var exponent = 0
            var pointPosition: Int?
            let text = Array(value.magnitude.description.utf8)
            let end = text.firstIndex(of: UInt8(ascii: "e")) ?? text.count
            if end < text.count {
                exponent = Int(String(decoding: text[(end + 1)...], as: UTF8.self)) ?? 0
            }
            for byte in text[..<end] {
                if byte == UInt8(ascii: ".") {
                    pointPosition = digits.count
                } else {
                    digits.append(byte)
                }
            }
            exponent += (pointPosition ?? digits.count) - 1
            let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
            let dropped = min(leading, digits.count - 1)
            digits.removeFirst(dropped)
            exponent -= dropped
            while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
            self.digits = digits
            self.exponent = digits == [UInt8(ascii: "0")] ? 0 : exponent
        }

        var plain: String {
            if exponent < 0 {
                return "0." + String(repeating: "0", count: -exponent - 1) + text(digits)
            }
            let whole = exponent + 1
            guard digits.count > whole else {
                return text(digits) + String(repeating: "0", count: whole - digits.count)
            }
            return text(digits[..<whole]) + "." + text(digits[whole...])
        }

        var scientific: String {
            let fraction = digits.count > 1 ? "." + text(digits[1...]) : ""
            let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return text(digits[..<1]) + fraction + (exponent < 0 ? "e-" : "e+") + power
        }

        private func text(_ digits: some Sequence<UInt8>) -> String {
            String(decoding: Array(digits), as: UTF8.self)
        }
    }
}
