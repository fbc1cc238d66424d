internal import ClusterInterface
internal import MetricsModel

/// Why bytes are not a message of ours.
enum WireError: Error, Equatable, CustomStringConvertible {
    /// `needed` bytes should follow at `offset`, fewer do.
    case truncated(offset: Int, needed: Int, left: Int)
    /// The first byte names a version that this program does not speak.
    case unsupportedVersion(found: UInt8)
    /// The bits of features without which the message must not be read.
    case unknownNeeds(UInt16)
    case unexpectedKind(expected: UInt8, found: UInt8)
    /// A field holds a value that no writer of this version writes.
    case invalidField(String, found: UInt64)
    /// Bytes follow after the last field.
    case trailingBytes(Int)
    /// The columns of a batch do not fit each other.
    case inconsistentColumns
    case invalidText(String)
    case invalidTenant(TenantError)
    case invalidLabels(LabelsError)
    case invalidHistogram(HistogramBytesError)
    /// Bytes that should be an exemplar or metadata.
    case invalidExemplar(StoredBytesError)
    /// Bytes that should be series in order.
    case invalidSeries(PackedSeriesError)
    /// A matcher's expression is none.
    case invalidMatcher(String)

    /// Whether the bytes may well be a message, of a version that this program cannot read.
    var isOfOtherVersion: Bool {
        switch self {
        case .unsupportedVersion, .unknownNeeds: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .truncated(let offset, let needed, let left):
            "message ends too early: \(needed) bytes needed at \(offset), \(left) there"
        case .unsupportedVersion(let found):
            "message has version \(found), this program speaks \(WireHeader.version) and reads "
                + "\(WireHeader.readable.lowerBound) to \(WireHeader.readable.upperBound)"
        case .unknownNeeds(let bits):
            "message needs features that this program does not know (bits \(bits))"
        case .unexpectedKind(let expected, let found):
            "message of kind \(found) where kind \(expected) is expected"
        case .invalidField(let field, let found): "message field \(field) cannot be \(found)"
        case .trailingBytes(let count): "\(count) bytes follow the end of the message"
        case .inconsistentColumns: "the columns of the batch do not fit each other"
        case .invalidText(let field): "message field \(field) is not UTF-8"
        case .invalidTenant(let cause): cause.description
        case .invalidLabels(let cause): "a label set is not canonical: \(cause)"
        case .invalidHistogram(let cause): "a histogram is damaged: \(cause)"
        case .invalidExemplar(let cause): "an exemplar or metadata is damaged: \(cause)"
        case .invalidSeries(let cause): cause.description
        case .invalidMatcher(let cause): "a matcher is not valid: \(cause)"
        }
    }
}
