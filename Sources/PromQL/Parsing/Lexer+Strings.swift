extension Lexer {
    /// Reads a string behind its opening quote, checking its escapes.
    mutating func string(delimiter: UInt8) throws(ParseError) -> Token {
        let isRaw = delimiter == UInt8(ascii: "`")
        while let byte = take() {
            switch byte {
            case delimiter: return token(.string)
            case UInt8(ascii: "\\") where !isRaw: try escape(delimiter: delimiter)
            case UInt8(ascii: "\n") where !isRaw: throw error("unterminated quoted string")
            case 0xEF where scalar(at: position - 1) == "\u{FFFD}":
                throw error("invalid UTF-8 rune")  // What invalid input was replaced by.
            default: break
            }
        }
        throw error(isRaw ? "unterminated raw string" : "unterminated quoted string")
    }

    private mutating func escape(delimiter: UInt8) throws(ParseError) {
        guard let byte = peek else { throw error("escape sequence not terminated") }
        switch byte {
        case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "v"), UInt8(ascii: "\\"),
            delimiter:
            position += 1
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            try escapedNumber(digits: 3, radix: 8, maximum: 0xFF)
        case UInt8(ascii: "x"):
            position += 1
            try escapedNumber(digits: 2, radix: 16, maximum: 0xFF)
        case UInt8(ascii: "u"):
            position += 1
            try escapedNumber(digits: 4, radix: 16, maximum: 0x10_FFFF)
        case UInt8(ascii: "U"):
            position += 1
            try escapedNumber(digits: 8, radix: 16, maximum: 0x10_FFFF)
        default:
            let character = QuotedText.codePoint(scalar(at: position) ?? "\u{FFFD}")
            throw error("unknown escape sequence \(character)")
        }
    }

    private mutating func escapedNumber(
        digits: Int,
        radix: Int,
        maximum: Int
    ) throws(ParseError) {
        var value = 0
        for _ in 0..<digits {
            guard let scalar = scalar(at: position) else {
                throw error("escape sequence not terminated")
            }
            guard scalar.isASCII, let digit = Character(scalar).hexDigitValue, digit < radix else {
                throw error(
                    "illegal character \(QuotedText.codePoint(scalar)) in escape sequence"
                )
            }
            value = value * radix + digit
            position += 1
        }
        if value > maximum || (0xD800..<0xE000).contains(value) {
            throw error("escape sequence is an invalid Unicode code point")
        }
    }
}
