/// How blocks are merged; times in milliseconds.
public struct CompactionSettings: Sendable {
    /// How long after its end a day or a window may still be flushed by ingesters in the normal course.
    public var delay: Int64 = 3_600_000
    /// How long after its end a day still gets late samples in numbers; they are merged in batches until then.
    public var lateTime: Int64 = 36 * 3_600_000
    /// Blocks that one merge reads at most.
    public var maximumInputs = 64
    /// Series in one block at most; a merge of more makes several blocks.
    public var maximumSeries = 1_000_000
    /// Bytes of one block, about; a merge of more makes several blocks.
    ///
    /// A block in the making is held in memory, at its end twice.
    public var maximumBlockSize = 128 << 20
    /// zstd's level for the pages of merged blocks: above that of flushes, as they are written once and kept long.
    public var compressionLevel = 6
    /// How long the bytes of replaced blocks can be read still; longer than the longest query.
    public var grace: Duration = .seconds(900)
    /// How long a lease lasts without being renewed.
    public var leaseDuration: Duration = .seconds(30)
    /// Merges at the same time.
    public var concurrency = 1
    /// Who holds the leases, for people who look.
    public var holder = "compactor"

    public init() {}
}
