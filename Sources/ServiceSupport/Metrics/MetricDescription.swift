/// What is said about a metric beside its values.
public struct MetricDescription: Sendable {
    /// One sentence for the `# HELP` line.
    public var help: String
    /// Upper bounds of a histogram, ascending, without infinity; in the unit of the metric's name.
    public var buckets: [Double]

    /// Bounds for durations in seconds, from a lock to a long query.
    public static let secondsBuckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]

    public init(help: String, buckets: [Double] = Self.secondsBuckets) {
        precondition(
            zip(buckets, buckets.dropFirst()).allSatisfy(<) && buckets.allSatisfy(\.isFinite),
            "buckets \(buckets) are not finite and ascending"
        )
        self.help = help
        self.buckets = buckets
    }
}
