public import MetricsModel

/// Which samples of which series a merge leaves out: a pure rule.
public struct SampleFilter: Sendable {
    /// Keeps everything.
    public static let keepAll = SampleFilter { _, _ in [] }

    private let dropped: @Sendable (Labels, Fingerprint) -> [TimeRange]
    private let onDrop: @Sendable (Labels, SampleColumns) -> Void

    /// - Parameters:
    ///   - dropped: The times of which a series loses its samples; asked once for each series and merge.
    ///   - onDrop: Told of each series that may lose samples, with all that it has.
    public init(
        _ dropped: @escaping @Sendable (Labels, Fingerprint) -> [TimeRange],
        onDrop: @escaping @Sendable (Labels, SampleColumns) -> Void = { _, _ in }
    ) {
        self.dropped = dropped
        self.onDrop = onDrop
    }

    /// Takes the samples out that are to be left out.
    func apply(to columns: inout SampleColumns, of labels: Labels, _ fingerprint: Fingerprint) {
        let ranges = dropped(labels, fingerprint)
        guard !ranges.isEmpty else { return }
        onDrop(labels, columns)
        columns.removeAll { time in ranges.contains { $0.contains(time) } }
    }
}
