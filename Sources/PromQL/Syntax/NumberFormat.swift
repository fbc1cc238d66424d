import Glibc

/// Texts of floating-point numbers.
enum NumberFormat {
    /// The shortest decimal that reads back as the same number, without an exponent.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite else { return special(value) }
        return Digits(value).decimal
    }

    /// The shortest decimal, with an exponent for numbers below 1e-4 and from 1e21.
    static func general(_ value: Double) -> String {
        guard value.isFinite else { return special(value) }
        let digits = Digits(value)
        return value != 0 && !(-4..<21).contains(digits.exponent)
            ? digits.scientific : digits.decimal
    }

    /// All digits before the point and six after it.
    static func sixDecimals(_ value: Double) -> String {
        guard value.isFinite else { return special(value) }
        // The largest number has 309 digits before the point.
        var buffer = [CChar](repeating: 0, count: 400)
        let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%f", $0) }
        return String(
            decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf"
    }

    /// The shortest digits of a finite number: 0.d₁d₂… × 10^(exponent + 1).
    private struct Digits {
        var isNegative: Bool
        /// Without leading or trailing zeros; `0` for zero.
        var digits: String
        /// The power of ten of the first digit.
        var exponent: Int

        init(_ value: Double) {
            isNegative = value.sign == .minus
            let text = value.magnitude.description
            let parts = text.split(separator: "e")
            let mantissa = parts[0].split(separator: ".")
            let whole = mantissa[0]
            let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
            let all = whole + fraction
            let leadingZeros = all.prefix { $0 == "0" }.count
            exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1 - leadingZeros
            var significant = all.dropFirst(leadingZeros)
            while significant.last == "0" { significant.removeLast() }
            digits = significant.isEmpty ? "0" : String(significant)
            if significant.isEmpty { exponent = 0 }
        }

        var decimal: String {
            let sign = isNegative ? "-" : ""
            guard exponent >= 0 else {
                return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
            }
            let wholeCount = exponent + 1
            guard digits.count > wholeCount else {
                return sign + digits + String(repeating: "0", count: wholeCount - digits.count)
            }
            return sign + digits.prefix(wholeCount) + "." + digits.dropFirst(wholeCount)
        }

        var scientific: String {
            var text = (isNegative ? "-" : "") + digits.prefix(1)
            if digits.count > 1 { text += "." + digits.dropFirst() }
            let power = String(exponent.magnitude)
            return text + (exponent < 0 ? "e-" : "e+") + (power.count < 2 ? "0" : "") + power
        }
    }
}
