internal import MetricsModel

/// Strings and label sets as Go writes them in messages.
enum GoText {
    static func quoted(_ text: String) -> String { quoted(bytes: Array(text.utf8)) }

    /// `{a="x", b="y"}`; names that are no identifiers are quoted.
    static func labels(_ labels: Labels) -> String {
        let pairs = labels.pairs.map { name, value in
            (isIdentifier(name) ? name : quoted(name)) + "=" + quoted(value)
        }
        return "{" + pairs.joined(separator: ", ") + "}"
    }

    private static func isIdentifier(_ name: String) -> Bool {
        !(name.utf8.first.map(isDigit) ?? true)
            && name.utf8.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: "_")
                    || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Bytes that are no valid UTF-8 appear as `\xHH`.
    static func quoted(bytes: [UInt8]) -> String {
        var result = "\""
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        // A copy that trails the decoder, to know the bytes of an invalid sequence.
        var rest = bytes[...]
        scan: while true {
            switch decoder.decode(&iterator) {
            case .emptyInput: break scan
            case .scalarValue(let scalar):
                rest.removeFirst(UTF8.width(scalar))
                append(scalar, to: &result)
            case .error:
                let byte = rest.removeFirst()
                result += "\\x" + hexadecimal(UInt32(byte), digits: 2)
                decoder = UTF8()
                iterator = Array(rest).makeIterator()
            }
        }
        return result + "\""
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\u{07}": text += "\\a"
        case "\u{08}": text += "\\b"
        case "\u{0C}": text += "\\f"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\u{0B}": text += "\\v"
        default:
            if scalar.value < 0x20 || scalar.value == 0x7F {
                text += "\\x" + hexadecimal(scalar.value, digits: 2)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
