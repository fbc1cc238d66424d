public import MetricsModel

/// Some series of one place with their labels, and what else is worth counting of them.
public struct CountedSeries: Sendable, Equatable {
    public var columns: LabelColumns
    /// Chunks of these series that overlap the range that was asked for.
    public var chunkCount: Int
    /// From the first time of these chunks to one past the last; empty if unknown.
    public var range: TimeRange

    public init(
        _ columns: LabelColumns,
        chunkCount: Int = 0,
        range: TimeRange = TimeRange(start: 0, end: 0)
    ) {
        self.columns = columns
        self.chunkCount = chunkCount
        self.range = range
    }
}
