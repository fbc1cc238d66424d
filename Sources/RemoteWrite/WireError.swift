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
        case tooManySymbols(limit: Int)
        /// The label bytes of all series, put together from symbols, are more than are taken.
        case keysTooLarge(limit: Int)
        /// One series or exemplar has more labels than are looked at.
        case tooManyLabels(limit: Int)
        /// A number of no symbol.
        case symbolOutOfRange(reference: UInt64, count: Int)
        /// Labels are pairs of numbers.
        case oddReferenceCount(Int)
        /// Symbol 0 has to be the empty string.
        case firstSymbolNotEmpty(size: Int)
        /// A field that only remote write 1.0 has.
        case fieldOfVersionOne(UInt32)
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
            case .tooManySymbols(let limit): "more than \(limit) symbols in one request"
            case .keysTooLarge(let limit):
                "labels of all series have more than \(limit) bytes in one request"
            case .tooManyLabels(let limit): "more than \(limit) labels in one series"
            case .symbolOutOfRange(let reference, let count):
                "reference to symbol \(reference) where the request has \(count)"
            case .oddReferenceCount(let count):
                "\(count) references where each label takes two"
            case .firstSymbolNotEmpty(let size):
                "symbol 0 has \(size) bytes, it has to be the empty string"
            case .fieldOfVersionOne(let field):
                "field \(field) is of remote write 1.0 (prometheus.WriteRequest), the request says "
                    + "that it is of 2.0 (io.prometheus.write.v2.Request)"
            case .bodyTooLarge(let size): "body of \(size) bytes"
            }
        }
    }
}
