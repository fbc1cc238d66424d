public import MetricsModel

/// A finished block: its bytes, and what the catalog wants to know of it.
public struct EncodedBlock: Sendable {
    /// Header, directory and pages, as `docs/formats/block.md` says.
    public let body: [UInt8]
    /// Where in the body header and directory are; ``BlockDirectory/init(decoding:)`` takes these bytes.
    public let directory: Range<Int>
    /// The window the block was built for, half-open, in milliseconds.
    public let range: TimeRange
    /// Timestamp of the earliest sample, in milliseconds.
    public let minTime: Int64
    /// Timestamp of the latest sample (inclusive), in milliseconds.
    public let maxTime: Int64
    public let seriesCount: Int
    public let sampleCount: Int
    /// In order of name.
    public let metrics: [BlockMetric]
}
