public import MetricsModel

/// The stored samples of one series, as they are handed to an evaluation.
public struct SeriesSamples: Sendable {
    public var labels: Labels
    /// Includes staleness markers.
    public var samples: SampleColumns

    public init(labels: Labels, samples: SampleColumns) {
        self.labels = labels
        self.samples = samples
    }

    /// A series of floats; times are milliseconds, ascending, each at most once.
    public init(labels: Labels, timestamps: [Int64], values: [Double]) {
        self.init(labels: labels, samples: SampleColumns(timestamps: timestamps, values: values))
    }
}
