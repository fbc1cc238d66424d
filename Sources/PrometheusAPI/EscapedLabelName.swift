/// Label names in URL paths: UTF-8 names come as `U__` and `_HEX_` escapes.
enum EscapedLabelName {
    /// The plain name, or nil where the escapes are broken.
    ///
    /// Names without the prefix stand for themselves.
    static func unescape(_ text: String) -> String? {
        guard text.hasPrefix("U__") else { return text }
        var name = String.UnicodeScalarView()
        var rest = text.unicodeScalars.dropFirst(3)
        while let scalar = rest.popFirst() {
            guard scalar == "_" else {
                name.append(scalar)
                continue
            }
            if rest.first == "_" {
                rest = rest.dropFirst()
                name.append("_")
                continue
            }
            let digits = rest.prefix { $0 != "_" }
            rest = rest.dropFirst(digits.count)
            guard rest.popFirst() == "_", digits.count <= 6,
                digits.allSatisfy(\.properties.isASCIIHexDigit),
                let code = UInt32(String(digits), radix: 16), let decoded = Unicode.Scalar(code)
            else { return nil }
            name.append(decoded)
        }
        return String(name)
    }
}
