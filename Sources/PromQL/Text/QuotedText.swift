internal import MetricsModel

/// Quoted forms of strings, characters and label sets with the escapes that queries and messages use.
///
/// They are those of Go's `strconv.Quote`.
enum QuotedText {
    /// The text in double quotes; what is not printable is escaped.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            append(scalar, delimiter: "\"", to: &result)
        }
        result.append("\"")
        return result
    }

    /// Bytes that need not be UTF-8 in double quotes; those that are not are escaped as `\xHH`.
    static func quote(bytes: [UInt8]) -> String {
        var result = "\""
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var position = 0
        parsing: while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded):
                append(UTF8.decode(encoded), delimiter: "\"", to: &result)
                position += encoded.count
            case .error(let length):
                for byte in bytes[position..<min(position + length, bytes.count)] {
                    result.append("\\x" + hexadecimal(UInt32(byte), width: 2))
                }
                position += length
            case .emptyInput: break parsing
            }
        }
        result.append("\"")
        return result
    }

    /// `{a="x", "b.c"="y"}`.
    static func labels(_ labels: Labels) -> String {
        let pairs = labels.pairs.map { name, value in labelName(name) + "=" + quote(value) }
        return "{" + pairs.joined(separator: ", ") + "}"
    }

    /// A label's name, in quotes unless it is a plain identifier.
    static func labelName(_ name: String) -> String {
        let bytes = name.utf8
        guard let first = bytes.first, Lexer.isLetter(first),
            bytes.allSatisfy(Lexer.isLetterOrDigit)
        else { return quote(name) }
        return name
    }

    /// A character in single quotes.
    static func quote(_ scalar: Unicode.Scalar) -> String {
        var result = "'"
        append(scalar, delimiter: "'", to: &result)
        result.append("'")
        return result
    }

    /// A character as `U+0041 'A'`, without the second part if it is not printable.
    static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let number = "U+" + hexadecimal(scalar.value, width: 4).uppercased()
        return isPrintable(scalar) ? "\(number) '\(scalar)'" : number
    }

    private static func append(
        _ scalar: Unicode.Scalar,
        delimiter: Unicode.Scalar,
        to result: inout String
    ) {
        switch scalar {
        case delimiter, "\\":
            result.append("\\")
            result.unicodeScalars.append(scalar)
        case "\u{07}": result.append("\\a")
        case "\u{08}": result.append("\\b")
        case "\u{0C}": result.append("\\f")
        case "\n": result.append("\\n")
        case "\r": result.append("\\r")
        case "\t": result.append("\\t")
        case "\u{0B}": result.append("\\v")
        case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            result.append("\\x" + hexadecimal(scalar.value, width: 2))
        case _ where scalar.value < 0x1_0000:
            result.append("\\u" + hexadecimal(scalar.value, width: 4))
        default: result.append("\\U" + hexadecimal(scalar.value, width: 8))
        }
    }

    /// Letters, marks, numbers, punctuation, symbols and the ASCII space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            return false
        default: return true
        }
    }

    private static func hexadecimal(_ value: UInt32, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
