/// A quoted string, with its escapes resolved.
public struct StringLiteral: Sendable {
    /// The text; bytes that are not UTF-8 are replaced by U+FFFD.
    public var value: String
    /// The bytes, only if they are not UTF-8 (escapes such as `\xff` can produce them).
    public var invalidBytes: [UInt8]?
    public var sourceRange: SourceRange

    public init(value: String, invalidBytes: [UInt8]? = nil, sourceRange: SourceRange) {
        self.value = value
        self.invalidBytes = invalidBytes
        self.sourceRange = sourceRange
    }

    init(bytes: [UInt8], sourceRange: SourceRange) {
        if let text = String(validating: bytes, as: UTF8.self) {
            value = text
            invalidBytes = nil
        } else {
            value = String(decoding: bytes, as: UTF8.self)
            invalidBytes = bytes
        }
        self.sourceRange = sourceRange
    }
}
