internal import MetricsModel

/// What became odd while computing with histograms; each becomes an annotation of the query.
public struct HistogramNotes: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A function of counters met a gauge.
    public static let notACounter = HistogramNotes(rawValue: 1 << 0)
    /// A function of gauges met a counter.
    public static let notAGauge = HistogramNotes(rawValue: 1 << 1)
    /// Exponential and custom buckets met in one window or group: there is no result.
    public static let mixedSchemas = HistogramNotes(rawValue: 1 << 2)
    /// The hints `reset` and `notReset` met.
    public static let conflictingResetsInAddition = HistogramNotes(rawValue: 1 << 3)
    public static let conflictingResetsInSubtraction = HistogramNotes(rawValue: 1 << 4)
    public static let conflictingResetsInAggregation = HistogramNotes(rawValue: 1 << 5)
    /// Different custom bounds were brought to those they have in common.
    public static let boundsReconciledInAddition = HistogramNotes(rawValue: 1 << 6)
    public static let boundsReconciledInSubtraction = HistogramNotes(rawValue: 1 << 7)
    public static let boundsReconciledInAggregation = HistogramNotes(rawValue: 1 << 8)
    /// A sample's start timestamp lies before the sample before it, which began elsewhere.
    public static let overlappingStartTime = HistogramNotes(rawValue: 1 << 9)
    /// A quantile lies among the observations of NaN.
    public static let quantileIsNaN = HistogramNotes(rawValue: 1 << 10)
    /// Observations of NaN, which rank highest, moved a quantile.
    public static let quantileIsSkewed = HistogramNotes(rawValue: 1 << 11)
    /// Observations of NaN belong to no fraction.
    public static let fractionExcludesNaN = HistogramNotes(rawValue: 1 << 12)
    /// An operator has no meaning for the kinds of its operands: there is no result.
    public static let incompatibleTypes = HistogramNotes(rawValue: 1 << 13)
    /// An operator met exponential and custom buckets: there is no result.
    public static let incompatibleBuckets = HistogramNotes(rawValue: 1 << 14)
}

/// A histogram, if there is one, and what became odd on the way.
struct HistogramOutcome: Sendable, Hashable {
    var value: Histogram?
    var notes: HistogramNotes

    init(_ value: Histogram?, _ notes: HistogramNotes = []) {
        self.value = value
        self.notes = notes
    }
}

/// A float computed from a histogram and what became odd on the way.
struct HistogramEstimate: Sendable, Hashable {
    var value: Double
    var notes: HistogramNotes

    init(_ value: Double, _ notes: HistogramNotes = []) {
        self.value = value
        self.notes = notes
    }
}
