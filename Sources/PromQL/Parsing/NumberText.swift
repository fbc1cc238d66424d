/// The values of number tokens.
enum NumberText {
    /// Why a number token has no value.
    enum Failure: Error {
        case invalidSyntax
        case outOfRange
    }

    /// The value of a number token.
    ///
    /// Integers may have a prefix (`0x`, or `0` for octal) and underscores; what is none, or is
    /// too large for 64 bits, is read as a decimal fraction.
    static func value(_ text: String) throws(Failure) -> Double {
        if let integer = integer(text) { return Double(integer) }
        switch text.lowercased() {
        case "inf": return .infinity
        case "nan": return .nan
        default: break
        }
        let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
        guard digits.allSatisfy(isDecimal),
            let value = Double(String(decoding: digits, as: UTF8.self))
        else { throw .invalidSyntax }
        guard value.isFinite else { throw .outOfRange }
        return value
    }

    private static func integer(_ text: String) -> Int64? {
        var digits = Substring(text)
        var radix = 10
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            radix = 16
            digits = digits.dropFirst(2)
        } else if digits.hasPrefix("0"), digits.utf8.count > 1 {
            radix = 8
        }
        return Int64(String(digits.filter { $0 != "_" }), radix: radix)
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"),
            UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
