internal import MetricsModel

/// What an aggregation does with histograms.
enum HistogramUse: Sendable {
    case sum
    case average
    case count
    /// Leaves them out, with a remark.
    case ignore
}

/// What an aggregation remembers of the histograms of each group at each step.
struct HistogramFold: Sendable {
    /// What the remarks of an aggregation are about.
    struct Context {
        let node: Aggregation
    }

    mutating func add(_ histogram: Histogram, at slot: Int, _ use: HistogramUse) {}

    mutating func merge(_ other: HistogramFold, from otherSlot: Int, count: Int, at slot: Int) {}

    func result(
        _ slot: Int,
        _ float: Double,
        _ use: HistogramUse,
        _ annotations: inout Annotations,
        _ context: Context
    ) -> SampleValue? {
        float.isAbsent ? nil : .float(float)
    }
}
