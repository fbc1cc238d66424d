import MetricsModel

@testable import PromQL

/// Histograms written in the terms of the test scripts.
enum Sample {
    /// An exponential histogram with consecutive buckets from an offset on.
    static func exponential(
        schema: Int8 = 0,
        sum: Double = 0,
        count: Double = 0,
        zero: Double = 0,
        width: Double = 0,
        _ buckets: [Double] = [],
        offset: Int32 = 0,
        negative: [Double] = [],
        negativeOffset: Int32 = 0,
        hint: Histogram.ResetHint = .unknown
    ) -> Histogram {
        Histogram(
            schema: schema,
            resetHint: hint,
            zeroThreshold: width,
            zeroCount: zero,
            count: count,
            sum: sum,
            positive: consecutive(buckets, from: offset),
            negative: consecutive(negative, from: negativeOffset)
        )
    }

    /// A histogram with custom bounds.
    static func custom(
        _ bounds: [Double],
        _ buckets: [Double] = [],
        offset: Int32 = 0,
        sum: Double = 0,
        count: Double = 0,
        hint: Histogram.ResetHint = .unknown
    ) -> Histogram {
        Histogram(
            schema: Histogram.customSchema,
            resetHint: hint,
            count: count,
            sum: sum,
            positive: consecutive(buckets, from: offset),
            customBounds: bounds
        )
    }

    /// Buckets with these counts, one after the other.
    static func consecutive(_ counts: [Double], from offset: Int32) -> Histogram.Buckets {
        Histogram.Buckets(
            indexes: counts.indices.map { offset + Int32($0) },
            counts: counts
        )
    }
}

/// Whether floats are equal as the test scripts compare them.
func isClose(_ left: Double, _ right: Double) -> Bool {
    if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
    if left == right { return true }
    let total = left.magnitude + right.magnitude
    let difference = (left - right).magnitude
    if left == 0 || right == 0 || total < .leastNormalMagnitude {
        return difference < 1e-6 * .leastNormalMagnitude
    }
    return difference / min(total, .greatestFiniteMagnitude) < 1e-6
}

/// Whether histograms are equal as the test scripts compare them; hints only on demand.
func isClose(_ left: Histogram?, _ right: Histogram?, comparingHints: Bool = false) -> Bool {
    guard let left = left?.compacted(), let right = right?.compacted() else {
        return left == nil && right == nil
    }
    func areClose(_ left: Histogram.Buckets, _ right: Histogram.Buckets) -> Bool {
        left.indexes == right.indexes && zip(left.counts, right.counts).allSatisfy(isClose)
    }
    return left.schema == right.schema && left.zeroThreshold == right.zeroThreshold
        && left.customBounds == right.customBounds && isClose(left.count, right.count)
        && isClose(left.sum, right.sum) && isClose(left.zeroCount, right.zeroCount)
        && areClose(left.positive, right.positive) && areClose(left.negative, right.negative)
        && (!comparingHints || left.resetHint == right.resetHint)
}
