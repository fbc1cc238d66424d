/// Lines that are just a number.
enum ScalarText {
    /// The value of a number in the syntax of Go; nil where the text is none.
    ///
    /// Integers may have a prefix (`0x`, `0o`, `0b`, or `0` for octal) and underscores.
    static func value(_ text: String) -> Double? {
        let isNegative = text.hasPrefix("-")
        let number = isNegative || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
        guard let value = integer(number) ?? float(number) else { return nil }
        return isNegative ? -value : value
    }

    private static func integer(_ text: Substring) -> Double? {
        let lower = text.lowercased()
        var radix = 10
        var digits = Substring(lower)
        for (prefix, itsRadix) in [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
        where lower.hasPrefix(prefix) && lower.count > prefix.count {
            radix = itsRadix
            digits = digits.dropFirst(prefix.count)
            break
        }
        // A sign was taken already, and an underscore only stands between digits.
        guard digits.first.map(\.isLetterOrDigit) == true, digits.last != "_" else { return nil }
        return Int64(String(digits.filter { $0 != "_" }), radix: radix).map(Double.init)
    }

    private static func float(_ text: Substring) -> Double? {
        switch text.lowercased() {
        case "inf", "infinity": return .infinity
        case "nan": return .nan
        default:
            guard let first = text.first, ScriptCursor.isDigit(first) || first == ".",
                let value = Double(text), value.isFinite
            else { return nil }
            return value
        }
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool {
        ScriptCursor.isDigit(self) || ("a" <= self && self <= "z")
    }
}
