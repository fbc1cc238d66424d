/// Why bytes could not be read as a chunk or one of its columns.
///
/// Offsets count from the first byte handed to the decoder that throws.
public enum ChunkError: Error, Equatable, Sendable {
    /// A field of `needed` bytes starts at `offset`, where only `available` bytes are left.
    case truncated(offset: Int, needed: Int, available: Int)
    /// The version in the first byte is newer (or older) than any this reader knows.
    case unsupportedVersion(found: UInt8, offset: Int)
    /// The version is known, the encoding in the same byte is not.
    case unknownEncoding(found: UInt8, offset: Int)
    /// A varint at `offset` is longer than ten bytes or does not fit 64 bits.
    case varintTooLong(offset: Int)
    /// A field holds a value that no writer of this version produces.
    case invalidField(Field, found: UInt64, offset: Int)
    /// `count` samples were announced, the caller allows `limit`.
    case tooManySamples(count: UInt64, limit: Int)
    /// The samples decoded, and `count` bytes were left over at `offset`.
    case trailingBytes(count: Int, offset: Int)
    /// Timestamp number `index` is not later than the one before it.
    case timestampsNotIncreasing(index: Int)
    /// What stands beside the bytes (count, first or last time) is not what the bytes say.
    case mismatch(Field, expected: Int64, found: Int64)

    /// The field a message is about.
    public enum Field: String, Sendable {
        case bitWidth
        case boundCount
        case columnSize
        case deltaOrder
        case exponent
        case exceptionCount
        case exceptionIndex
        case exceptionKind
        case maxTime
        case minTime
        case runCount
        case runLength
        case runStart
        case sampleCount
        case schema
        case spanCount
        case spanLength
        case spanOffset
        case startsSize
        case timestampStep
        case timestampsSize
        case trailingBits
    }
}
