/// The contents of quoted strings that the lexer has checked.
enum StringText {
    /// The bytes a quoted text stands for.
    ///
    /// - Parameter text: With its quotes and with valid escapes only.
    static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let content = text.dropFirst().dropLast()
        guard text.first != UInt8(ascii: "`"), content.contains(UInt8(ascii: "\\")) else {
            return Array(content)
        }
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var rest = content
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch escaped {
            case UInt8(ascii: "a"): result.append(0x07)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "v"): result.append(0x0B)
            case UInt8(ascii: "x"):
                result.append(UInt8(truncatingIfNeeded: number(2, radix: 16, from: &rest)))
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                let high = Int(escaped - UInt8(ascii: "0")) * 64
                let low = number(2, radix: 8, from: &rest)
                result.append(UInt8(truncatingIfNeeded: high + low))
            case UInt8(ascii: "u"): append(number(4, radix: 16, from: &rest), to: &result)
            case UInt8(ascii: "U"): append(number(8, radix: 16, from: &rest), to: &result)
            default: result.append(escaped)
            }
        }
        return result
    }

    private static func number(
        _ digits: Int,
        radix: Int,
        from text: inout ArraySlice<UInt8>
    ) -> Int {
        let digits = text.prefix(digits)
        text = text.dropFirst(digits.count)
        return Int(String(decoding: digits, as: UTF8.self), radix: radix) ?? 0
    }

    private static func append(_ codePoint: Int, to result: inout [UInt8]) {
        let scalar = UInt32(exactly: codePoint).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
