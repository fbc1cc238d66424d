internal import Glibc

/// One bucket of a native histogram.
public struct HistogramBucket: Sendable, Hashable {
    /// Not above ``upper``; −Inf is possible.
    public var lower: Double
    public var upper: Double
    public var includesLower: Bool
    public var includesUpper: Bool
    /// Not cumulative.
    public var count: Double

    public init(
        lower: Double,
        upper: Double,
        includesLower: Bool,
        includesUpper: Bool,
        count: Double
    ) {
        self.lower = lower
        self.upper = upper
        self.includesLower = includesLower
        self.includesUpper = includesUpper
        self.count = count
    }

    /// The share of the bucket's width below a value inside it.
    ///
    /// - Parameter isLinear: Otherwise widths are measured on a logarithmic scale, on which all exponential
    ///   buckets are equally wide; negative ones are mirrored.
    func share(below value: Double, isLinear: Bool) -> Double {
        if isLinear { return (value - lower) / (upper - lower) }
        let lowerLog = log2(lower.magnitude)
        let upperLog = log2(upper.magnitude)
        let valueLog = log2(value.magnitude)
        return value > 0
            ? (valueLog - lowerLog) / (upperLog - lowerLog)
            : 1 - (valueLog - upperLog) / (lowerLog - upperLog)
    }

    /// The value below which a share of the bucket's width lies: the inverse of `share(below:isLinear:)`.
    func value(at share: Double, isLinear: Bool) -> Double {
        if isLinear { return lower + (upper - lower) * share }
        let lowerLog = log2(lower.magnitude)
        let upperLog = log2(upper.magnitude)
        return lower > 0
            ? exp2(lowerLog + (upperLog - lowerLog) * share)
            : -exp2(upperLog + (lowerLog - upperLog) * (1 - share))
    }
}
