public import MetricsModel

/// A series of a block that passed the matchers, and where its samples are.
public struct BlockSeries: Sendable, Hashable {
    public let labels: Labels
    public let sampleCount: Int
    /// Number of the series in the block's order; ``BlockDirectory/digests(in:)`` has the same.
    public let row: Int
    /// Its timestamps, by number in the block.
    let timestampColumns: Range<Int>
    /// Its values, by number in the block.
    let valueColumns: Range<Int>
}
