public import MetricsModel

/// The stored samples of one series, as they are handed to an evaluation.
public struct SeriesSamples: Sendable {
    public var labels: Labels
    /// Milliseconds, ascending, each at most once.
    public var timestamps: [Int64]
    /// As many as ``timestamps``; includes staleness markers.
    public var values: [Double]

    public init(labels: Labels, timestamps: [Int64], values: [Double]) {
        precondition(timestamps.count == values.count, "\(timestamps.count), \(values.count)")
        self.labels = labels
        self.timestamps = timestamps
        self.values = values
    }
}
