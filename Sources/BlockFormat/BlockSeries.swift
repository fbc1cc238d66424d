public import MetricsModel

/// A series of a block that passed the matchers, and where its samples are.
public struct BlockSeries: Sendable, Hashable {
    public let labels: Labels
    /// Samples of all kinds.
    public var sampleCount: Int { floatCount + histogramCount }
    public let floatCount: Int
    public let histogramCount: Int
    /// Number of the series in the block's order; ``BlockDirectory/digests(in:)`` has the same.
    public let row: Int
    /// Its timestamps, by number in the block.
    let timestampColumns: Range<Int>
    /// Its values, by number in the block.
    let valueColumns: Range<Int>
    /// Start timestamps of its floats, by number in the block; empty if none is known.
    let startColumns: Range<Int>
    /// Its histograms, by number in the block.
    let histogramChunks: Range<Int>
}
