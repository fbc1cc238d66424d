/// A native histogram: counts of observations in buckets whose bounds follow from a schema.
///
/// Counts are floats, also where a sender counts in whole numbers: these are exact up to 2^53, and every
/// computation on histograms is one on floats. Bucket `i` of schema s in −4…8 covers
/// (2^((i−1)·2^−s), 2^(i·2^−s)]; negative buckets mirror this.
public struct Histogram: Sendable, Hashable {
    /// What is known about resets of the counter since the sample before.
    public enum ResetHint: UInt8, Sendable, CaseIterable {
        /// Nothing: whoever needs to know compares the samples.
        case unknown = 0
        case reset = 1
        case notReset = 2
        /// It is no counter.
        case gauge = 3
    }

    /// The counts of one sign's buckets; an index that is not listed has count 0.
    public struct Buckets: Sendable, Hashable {
        /// Strictly ascending.
        public var indexes: [Int32]
        /// As many as ``indexes``, not cumulative; zeros are allowed.
        public var counts: [Double]

        public init(indexes: [Int32] = [], counts: [Double] = []) {
            precondition(indexes.count == counts.count, "\(indexes.count), \(counts.count)")
            self.indexes = indexes
            self.counts = counts
        }

        public static let none = Buckets()

        public var isEmpty: Bool { indexes.isEmpty }
    }

    /// The schema whose bounds are listed one by one in ``customBounds``.
    public static let customSchema: Int8 = -53

    /// −4…8, or ``customSchema``.
    public var schema: Int8
    public var resetHint: ResetHint
    /// The zero bucket holds observations in [−threshold, threshold]; not negative.
    public var zeroThreshold: Double
    public var zeroCount: Double
    /// All observations, NaN included; not checked against the buckets.
    public var count: Double
    /// Sum of all observations; the staleness marker's bits make the sample a staleness marker.
    public var sum: Double
    public var positive: Buckets
    /// Index i mirrors the positive bucket i.
    public var negative: Buckets
    /// Upper bounds of custom buckets, strictly ascending, without +Inf; empty for other schemas.
    ///
    /// Bucket `i` (from 0) covers (`bounds[i − 1]`, `bounds[i]`]; the first begins at −Inf, the one behind the
    /// last bound ends at +Inf.
    public var customBounds: [Double]

    public init(
        schema: Int8 = 0,
        resetHint: ResetHint = .unknown,
        zeroThreshold: Double = 0,
        zeroCount: Double = 0,
        count: Double = 0,
        sum: Double = 0,
        positive: Buckets = .none,
        negative: Buckets = .none,
        customBounds: [Double] = []
    ) {
        self.schema = schema
        self.resetHint = resetHint
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.count = count
        self.sum = sum
        self.positive = positive
        self.negative = negative
        self.customBounds = customBounds
    }

    /// Says that a series of histograms has ended.
    public static let staleMarker = Histogram(sum: StaleMarker.value)

    public var isStaleMarker: Bool { StaleMarker.isMarker(sum) }

    public var usesCustomBounds: Bool { schema == Self.customSchema }
}
