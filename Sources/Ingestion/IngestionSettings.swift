internal import ClusterInterface

/// What an ingester needs to know; all times in milliseconds.
public struct IngestionSettings: Sendable {
    /// Length of a block's window; windows are aligned to UTC.
    public var blockDuration: Int64 = 7_200_000
    /// A window is flushed this long after its end, so that stragglers are still in it.
    public var flushDelay: Int64 = 300_000
    /// Flushes of tenants are spread over this time, so that not all come in the same second.
    public var flushSpread: Int64 = 300_000
    /// After its own share of a window an ingester waits so long before it looks for what others have not stored.
    ///
    /// Longer than clocks differ and a flush takes; what is stored later than that is stored by its replicas as well.
    public var replicaDelay: Int64 = 120_000
    /// Series of one block at most; a larger window becomes several blocks.
    public var maximumSeriesPerBlock = 200_000
    /// Tenants that one ingester holds at most; a further one is refused.
    public var maximumTenants = 100_000
    /// Metrics of a tenant whose metadata is kept, where its limits allow more.
    public var maximumMetadata = 1_000_000
    /// Different entries that are kept of one metric, likewise.
    public var maximumMetadataPerMetric = 1000
    /// Metadata that no sender has repeated for so long is forgotten.
    public var metadataRetention: Int64 = 86_400_000

    /// Bytes that all heads take at most; see ``Ingester/watchMemory()``.
    public var maximumMemory = 4 << 30
    /// Threads that read one large selection at most.
    public var readConcurrency = 1
    /// Bytes at which a piece of a streamed answer is handed on.
    public var pieceSize = PackedSeries.pieceSize

    public init() {}
}
