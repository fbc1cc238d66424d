/// Why bytes are not the protobuf message they should be.
public struct WireError: Error, Equatable, CustomStringConvertible {
    /// Where in the decompressed body, or in the series' label bytes, the reader stood.
    public var offset: Int
    public var problem: Problem

    public init(_ problem: Problem, at offset: Int) {
        self.problem = problem
        self.offset = offset
    }

    public var description: String { "\(problem.description) at byte \(offset)" }

    /// What was wrong there.
    public enum Problem: Error, Equatable, CustomStringConvertible {
        /// The message ends inside a field.
        case truncated
        /// More than ten bytes, or more than 64 bits.
        case varintTooLong
        /// A field says it is longer than what is left of its message.
        case lengthOutOfBounds(length: UInt64, available: Int)
        /// Field numbers are 1 to 2²⁹ − 1.
        case invalidFieldNumber(UInt64)
        /// Groups and the two wire types that mean nothing.
        case unsupportedWireType(UInt8)
        /// A known field in another encoding.
        case unexpectedWireType(field: UInt32, found: UInt8)
        case tooManySeries(limit: Int)
        case tooManySamples(limit: Int)
        /// The body is longer than offsets of 32 bits can name.
        case bodyTooLarge(size: Int)

        public var description: String {
            switch self {
            case .truncated: "message is truncated"
            case .varintTooLong: "varint is longer than 64 bits"
            case .lengthOutOfBounds(let length, let available):
                "field of \(length) bytes where \(available) are left"
            case .invalidFieldNumber(let number): "invalid field number \(number)"
            case .unsupportedWireType(let type): "unsupported wire type \(type)"
            case .unexpectedWireType(let field, let found):
                "field \(field) has the unexpected wire type \(found)"
            case .tooManySeries(let limit): "more than \(limit) series in one request"
            case .tooManySamples(let limit): "more than \(limit) samples in one request"
            case .bodyTooLarge(let size): "body of \(size) bytes"
            }
        }
    }
}
