internal import MetricsModel

/// The sum of many histograms; counts, sums and buckets carry their rounding errors along.
struct HistogramSum: Sendable {
    private var schema: Int8
    private var resetHint: Histogram.ResetHint
    private var zeroThreshold: Double
    private var zeroCount: KahanSum
    private var count: KahanSum
    private var sum: KahanSum
    private var positive: CompensatedBuckets
    private var negative: CompensatedBuckets
    private var customBounds: [Double]
    private var hasSeenReset = false
    private var hasSeenNoReset = false
    private var hasReconciledBounds = false

    init(_ first: Histogram) {
        schema = first.schema
        resetHint = first.resetHint
        zeroThreshold = first.zeroThreshold
        zeroCount = KahanSum(first.zeroCount)
        count = KahanSum(first.count)
        sum = KahanSum(first.sum)
        positive = CompensatedBuckets(first.positive)
        negative = CompensatedBuckets(first.negative)
        customBounds = first.customBounds
        noteHint(first.resetHint)
    }

    /// Adds all that another sum has seen.
    ///
    /// - Throws: If exactly one side has custom bounds.
    mutating func merge(_ other: HistogramSum) throws(IncompatibleHistograms) {
        try add(other.total)
        hasSeenReset = hasSeenReset || other.hasSeenReset
        hasSeenNoReset = hasSeenNoReset || other.hasSeenNoReset
        hasReconciledBounds = hasReconciledBounds || other.hasReconciledBounds
    }

    /// What became odd so far.
    var notes: HistogramNotes {
        var notes: HistogramNotes = []
        if hasSeenReset, hasSeenNoReset { notes.insert(.conflictingResetsInAggregation) }
        if hasReconciledBounds { notes.insert(.boundsReconciledInAggregation) }
        return notes
    }

    /// Adds one histogram as ``Histogram/adding(_:)`` does.
    ///
    /// - Throws: If exactly one side has custom bounds; the sum is then unchanged but for its notes.
    mutating func add(_ histogram: Histogram) throws(IncompatibleHistograms) {
        noteHint(histogram.resetHint)
        let isCustom = schema == Histogram.customSchema
        guard isCustom == histogram.usesCustomBounds else {
            throw IncompatibleHistograms(schema: schema, otherSchema: histogram.schema)
        }
        _ = resetHint.merge(histogram.resetHint)
        count.add(histogram.count)
        sum.add(histogram.sum)
        if isCustom {
            addCustom(histogram)
        } else {
            addExponential(histogram)
        }
    }

    private mutating func addCustom(_ histogram: Histogram) {
        guard customBounds != histogram.customBounds else {
            positive.add(histogram.positive)
            return
        }
        hasReconciledBounds = true
        let common = CustomBoundsMapping.common(customBounds, histogram.customBounds)
        let mapping = CustomBoundsMapping(from: customBounds, to: common)
        positive.move(mapping.index(of:))
        let others = CustomBoundsMapping(from: histogram.customBounds, to: common)
        positive.add(others.mapped(histogram.positive))
        customBounds = common
    }

    private mutating func addExponential(_ histogram: Histogram) {
        guard zeroThreshold != histogram.zeroThreshold || schema != histogram.schema else {
            zeroCount.add(histogram.zeroCount)
            positive.add(histogram.positive)
            negative.add(histogram.negative)
            return
        }
        var other = histogram
        if zeroThreshold != other.zeroThreshold {
            let threshold = leading.commonZeroThreshold(with: other)
            widenZeroBucket(to: threshold)
            other.widenZeroBucket(to: other.widenedZeroBucket(threshold: threshold))
        }
        if other.schema < schema {
            let steps = Int(schema) - Int(other.schema)
            positive.move { BucketBounds.lowered($0, by: steps) }
            negative.move { BucketBounds.lowered($0, by: steps) }
            schema = other.schema
        }
        other.reduce(toSchema: schema)
        zeroCount.add(other.zeroCount)
        positive.add(other.positive)
        negative.add(other.negative)
    }

    /// - Parameter threshold: One that cuts no populated bucket.
    private mutating func widenZeroBucket(to threshold: Double) {
        guard threshold > zeroThreshold else { return }
        let buckets = leading
        positive.drain(
            buckets.positive.count(below: threshold, schema: schema),
            into: &zeroCount
        )
        negative.drain(
            buckets.negative.count(below: threshold, schema: schema),
            into: &zeroCount
        )
        zeroThreshold = threshold
    }

    /// The sum without compensations, which decide nothing about layouts.
    private var leading: Histogram {
        Histogram(
            schema: schema,
            zeroThreshold: zeroThreshold,
            positive: positive.leading,
            negative: negative.leading
        )
    }

    /// The sum of all histograms so far, without empty buckets.
    var total: Histogram {
        var result = Histogram(
            schema: schema,
            resetHint: resetHint,
            zeroThreshold: zeroThreshold,
            zeroCount: zeroCount.total,
            count: count.total,
            sum: sum.total,
            positive: positive.total,
            negative: negative.total,
            customBounds: customBounds
        )
        result.compact()
        return result
    }

    /// Whether any part has become infinite.
    var hasOverflow: Bool {
        zeroCount.sum.isInfinite || count.sum.isInfinite || sum.sum.isInfinite
            || positive.hasOverflow || negative.hasOverflow
    }

    mutating func multiply(by factor: Double) {
        scale { $0.multiply(by: factor) }
    }

    mutating func divide(by divisor: Double) {
        scale { $0.divide(by: divisor) }
    }

    private mutating func scale(_ change: (inout KahanSum) -> Void) {
        change(&zeroCount)
        change(&count)
        change(&sum)
        positive.scale(change)
        negative.scale(change)
    }

    private mutating func noteHint(_ hint: Histogram.ResetHint) {
        switch hint {
        case .reset: hasSeenReset = true
        case .notReset: hasSeenNoReset = true
        case .unknown, .gauge: break
        }
    }
}
