public import MetricsModel

/// A `Histogram` message of a remote-write request, decoded and checked.
///
/// The rules are those of Prometheus: an integer histogram counts in its buckets what it counts in all, a
/// float one may differ by rounding; nothing is negative; custom buckets have no zero bucket and no negative
/// side. A schema beyond 8, or more buckets than can be kept, is brought down by merging pairs of buckets.
public struct HistogramMessage: Sendable {
    /// Milliseconds since the Unix epoch.
    public let timestamp: Int64
    /// When counting began, ms, as it stands there; 0 is unknown, and so is what no message of 1.0 has.
    public let startTimestamp: Int64
    /// Always ``Histogram/isStorable``.
    public let histogram: Histogram

    /// - Parameter bytes: The content of the message. Not trusted.
    public init(_ bytes: UnsafeRawBufferPointer) throws(HistogramMessageError) {
        var fields = HistogramFields()
        do throws(WireError) {
            try fields.read(bytes)
        } catch {
            throw .malformed(error)
        }
        timestamp = fields.timestamp
        startTimestamp = fields.startTimestamp
        do throws(HistogramFault) {
            histogram = try fields.histogram()
        } catch {
            throw .refused(error, timestamp: fields.timestamp)
        }
    }
}

/// Why bytes are no histogram that can be stored.
public enum HistogramMessageError: Error, Equatable {
    /// They are no message; offsets count from its start.
    case malformed(WireError)
    /// What they say is no histogram.
    case refused(HistogramFault, timestamp: Int64)
}

/// What is wrong with a histogram.
public enum HistogramFault: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownSchema(Int64)
    case unknownResetHint(UInt64)
    /// Spans that name another number of buckets than there are, or buckets beyond all indexes.
    case spansAndBucketsDiffer
    case negativeSpanOffset(Int32)
    /// A bucket, the zero bucket or all observations count less than nothing.
    case negativeCount
    /// The buckets count other observations than the histogram.
    case countDiffersFromBuckets(count: Double, buckets: Double)
    /// The zero threshold is negative or not a number.
    case invalidZeroThreshold(Double)
    /// Bounds that do not ascend or are not finite, too few of them, or what custom buckets must not have.
    case invalidCustomBuckets
    case tooManyBuckets(Int, limit: Int)

    public var description: String {
        switch self {
        case .unknownSchema(let schema): "histogram has the unknown schema \(schema)"
        case .unknownResetHint(let hint): "histogram has the unknown reset hint \(hint)"
        case .spansAndBucketsDiffer: "spans of the histogram do not fit its buckets"
        case .negativeSpanOffset(let offset): "span of the histogram has the offset \(offset)"
        case .negativeCount: "histogram has a negative count"
        case .countDiffersFromBuckets(let count, let buckets):
            "histogram counts \(count) observations, its buckets \(buckets)"
        case .invalidZeroThreshold(let threshold):
            "histogram has the zero threshold \(threshold)"
        case .invalidCustomBuckets: "custom buckets of the histogram are not valid"
        case .tooManyBuckets(let count, let limit):
            "histogram has \(count) buckets and bounds, limit \(limit)"
        }
    }
}
