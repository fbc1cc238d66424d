public import MetricsModel

/// Which samples of which series a merge leaves out: a pure rule.
public struct SampleFilter: Sendable {
    /// Keeps everything.
    public static let keepAll = SampleFilter { _, _ in [] }

    private let dropped: @Sendable (Labels, Fingerprint) -> [TimeRange]

    /// - Parameter dropped: The times of which a series loses its samples; asked once for each series and merge.
    public init(_ dropped: @escaping @Sendable (Labels, Fingerprint) -> [TimeRange]) {
        self.dropped = dropped
    }

    /// Takes the samples out that are to be left out.
    func apply(to columns: inout SampleColumns, of labels: Labels, _ fingerprint: Fingerprint) {
        let ranges = dropped(labels, fingerprint)
        guard !ranges.isEmpty else { return }
        columns.removeAll { time in ranges.contains { $0.contains(time) } }
    }
}
