internal import MetricsModel

/// The mean of many histograms: a sum divided by a count, unless the sum overflows.
struct HistogramMean: Sendable {
    private var state: HistogramSum
    private var count = 1.0
    /// Whether ``state`` is a mean already instead of a sum.
    private var isIncremental = false
    /// No part of the sum is larger in magnitude.
    private var magnitudeLimit: Double

    init(_ first: Histogram) {
        state = HistogramSum(first)
        magnitudeLimit = first.totalMagnitude
    }

    var notes: HistogramNotes { state.notes }

    /// - Throws: If exactly one side has custom bounds.
    mutating func add(_ histogram: Histogram) throws(IncompatibleHistograms) {
        if !isIncremental {
            magnitudeLimit += histogram.totalMagnitude
            if magnitudeLimit < .greatestFiniteMagnitude / 2 {
                // Nothing can overflow: no way back is needed.
                try state.add(histogram)
                count += 1
                return
            }
            var next = state
            try next.add(histogram)
            if !next.hasOverflow {
                state = next
                count += 1
                return
            }
            isIncremental = true
            state.divide(by: count)
        }
        count += 1
        state.multiply(by: (count - 1) / count)
        try state.add(histogram.divided(by: count))
    }

    /// Adds all that another mean has seen.
    ///
    /// - Throws: If exactly one side has custom bounds.
    mutating func merge(_ other: HistogramMean) throws(IncompatibleHistograms) {
        let total = count + other.count
        magnitudeLimit += other.magnitudeLimit
        if !isIncremental, !other.isIncremental {
            var next = state
            try next.merge(other.state)
            if magnitudeLimit < .greatestFiniteMagnitude / 2 || !next.hasOverflow {
                state = next
                count = total
                return
            }
        }
        if !isIncremental { state.divide(by: count) }
        state.multiply(by: count / total)
        var added = other.state
        if !other.isIncremental { added.divide(by: other.count) }
        added.multiply(by: other.count / total)
        try state.merge(added)
        isIncremental = true
        count = total
    }

    /// The mean of all histograms so far, without empty buckets.
    var mean: Histogram {
        guard !isIncremental else { return state.total }
        var result = state
        result.divide(by: count)
        return result.total
    }
}

extension Histogram {
    /// The sum of the magnitudes of all its parts.
    fileprivate var totalMagnitude: Double {
        var total = zeroCount.magnitude + count.magnitude + sum.magnitude
        for count in positive.counts { total += count.magnitude }
        for count in negative.counts { total += count.magnitude }
        return total
    }
}
