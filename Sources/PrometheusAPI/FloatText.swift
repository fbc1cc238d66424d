/// Floats as the HTTP API writes them.
///
/// The shortest decimal that reads back as the same double, in plain notation unless 0 < |x| < 1e-6 or |x| ≥ 1e21,
/// then with an exponent of at least two digits: `0.1`, `1e-07`, `1e+21`, `NaN`, `+Inf`, `-Inf`.
enum FloatText {
    static func apiText(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, point) = decimalDigits(value.magnitude)
        let sign = value < 0 ? "-" : ""
        let usesExponent = value.magnitude < 1e-6 || value.magnitude >= 1e21
        return sign + (usesExponent ? exponent(digits, point) : plain(digits, point))
    }

    /// The significant digits and where the decimal point stands: the value is 0.DIGITS × 10^point.
    private static func decimalDigits(_ magnitude: Double) -> (digits: [UInt8], point: Int) {
        // Swift's description is the shortest round-trip decimal, as 12.5, 5e-324 or 1e+16.
        var digits: [UInt8] = []
        var point = 0
        var exponent = 0
        var seenPoint = false
        var text = magnitude.description.utf8[...]
        while let byte = text.first {
            text = text.dropFirst()
            if byte == UInt8(ascii: ".") {
                seenPoint = true
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text, as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
                if !seenPoint { point += 1 }
            }
        }
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, point - leading + exponent)
    }

    private static func plain(_ digits: [UInt8], _ point: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + text }
        if point >= digits.count {
            return text + String(repeating: "0", count: point - digits.count)
        }
        return String(text.prefix(point)) + "." + String(text.dropFirst(point))
    }

    private static func exponent(_ digits: [UInt8], _ point: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        let exponent = point - 1
        let magnitude = String(exponent.magnitude)
        return String(text.prefix(1)) + (digits.count > 1 ? "." + text.dropFirst() : "")
            + "e" + (exponent < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "") + magnitude
    }
}
