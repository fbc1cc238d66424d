public import MetricsModel

/// How many series may have certain labels, for several sets of labels; all in the same order.
public struct LabelSetLimits: Sendable, Equatable {
    /// A series with all labels of a set belongs to it; the empty set has those that belong to no other.
    public private(set) var sets: [Labels] = []
    /// Series of each set in the whole cluster.
    public private(set) var maxSeries: [Int] = []

    public init() {}

    public mutating func add(_ labels: Labels, maxSeries limit: Int) {
        sets.append(labels)
        maxSeries.append(limit)
    }
}
