extension Lexer {
    /// Reads a number or duration from its first character.
    ///
    /// Only cuts the text: what a number such as `1e+` or a duration such as `5m5m` means is
    /// judged where it is used.
    mutating func numberOrDuration() throws(ParseError) -> Token {
        position = start
        if scanNumber() { return token(.number) }
        if scanRestOfDuration() { return token(.duration) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        throw error("bad number or duration syntax: \(QuotedText.quote(text))")
    }

    /// - Returns: Whether a number ends here; if not, a duration may go on at ``position``.
    private mutating func scanNumber() -> Bool {
        var isHexadecimal = false
        if accept(UInt8(ascii: "0")), acceptAny("xX") {
            isHexadecimal = true
            _ = acceptAny("_")  // As in 0x_1f.
        }
        _ = acceptAny(".")
        _ = acceptDigit(hexadecimal: isHexadecimal)
        var hasPoint = false
        var hasExponent = false
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "."):
                position += 1
                // One point only, none in hexadecimal, and none beside an underscore.
                if hasPoint || isHexadecimal || acceptAny("_.") { return false }
                hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
                if hasExponent { return false }
                hasExponent = true
                _ = acceptAny("+-")
                if acceptAny("._eE") || peek == nil { return false }
            case UInt8(ascii: "_"):
                position += 1
                if acceptAny("._eE") || peek == nil { return false }
            default:
                guard acceptDigit(hexadecimal: isHexadecimal) else {
                    return !Self.isLetter(byte)
                }
                while acceptDigit(hexadecimal: isHexadecimal) {}
            }
        }
        return true
    }

    /// Units are checked loosely; wrong orders and units such as `hs` are found on use.
    private mutating func scanRestOfDuration() -> Bool {
        guard acceptAny("smhdwy") else { return false }
        _ = acceptAny("s")
        while acceptDigit(hexadecimal: false) {
            while acceptDigit(hexadecimal: false) {}
            guard acceptAny("smhdw") else { return false }
            _ = acceptAny("s")
        }
        guard let byte = peek, Self.isLetterOrDigit(byte) else { return true }
        position += 1
        return false
    }

    private mutating func acceptAny(_ choice: StaticString) -> Bool {
        guard let byte = peek else { return false }
        let choices = UnsafeBufferPointer(start: choice.utf8Start, count: choice.utf8CodeUnitCount)
        guard choices.contains(byte) else { return false }
        position += 1
        return true
    }

    private mutating func acceptDigit(hexadecimal: Bool) -> Bool {
        guard let byte = peek else { return false }
        let lower = byte | 0x20
        let isLetter = UInt8(ascii: "a") <= lower && lower <= UInt8(ascii: "f")
        guard Self.isDigit(byte) || (hexadecimal && isLetter) else { return false }
        position += 1
        return true
    }
}
