/// Recent data: heads, write-ahead log and flush.
public struct IngesterSettings: Sendable, Equatable {
    /// When a record of the write-ahead log reaches the disk.
    public enum WALSync: String, Sendable, CaseIterable {
        /// Before the write is acknowledged; records that wait together share one `fsync`.
        case batch
        /// Every ``IngesterSettings/walSyncInterval``; a power loss takes what came since.
        case interval
        /// When the kernel likes; a power loss takes more.
        case off
    }

    /// Key `ingester.blockDuration`: the length of a window, aligned to UTC.
    public var blockDuration = Duration.seconds(2 * 3600)
    /// Key `ingester.walSync`.
    public var walSync = WALSync.batch
    /// Key `ingester.walSyncInterval`; without effect unless ``walSync`` is `interval`.
    public var walSyncInterval = Duration.seconds(1)
    /// Key `ingester.flushDelay`.
    public var flushDelay = Duration.seconds(300)

    /// Key `ingester.maxMemory`: bytes; 0 is half of the memory that the process may use.
    public var maxMemory = 0

    /// The part of the memory that heads may take by default: the rest is for queries, flushes and the system.
    public static let memoryShare = 2
    /// Flushes of tenants are spread over this part of a window, and 5 min at most.
    public static let flushesPerBlockDuration: Int64 = 24

    private static let ingesters: [Executable] = [.engram, .ingester]

    static let keys = [
        ConfigurationKey(
            "ingester.blockDuration",
            \.ingester.blockDuration,
            .duration(.seconds(60)...Duration.seconds(86_400)),
            for: ingesters,
            "Time range of a block. It divides 24h without a rest. The same in every ingester."
        ),
        ConfigurationKey(
            "ingester.walSync",
            \.ingester.walSync,
            .choice,
            for: ingesters,
            """
            When the write-ahead log is forced to disk: `batch` before a write is acknowledged, \
            `interval` every `ingester.walSyncInterval`, `off` never. All but `batch` can lose \
            acknowledged samples when the machine fails.
            """
        ),
        ConfigurationKey(
            "ingester.walSyncInterval",
            \.ingester.walSyncInterval,
            .duration(.milliseconds(10)...Duration.seconds(60)),
            for: ingesters,
            "How often the log is forced to disk when `ingester.walSync` is `interval`."
        ),
        ConfigurationKey(
            "ingester.flushDelay",
            \.ingester.flushDelay,
            .duration(.zero...Duration.seconds(3600)),
            for: ingesters,
            """
            How long after its end a window is flushed, so that samples on their way get in. Tenants follow \
            each other over a 24th of `ingester.blockDuration`, at most 5 min.
            """
        ),
        ConfigurationKey(
            "ingester.maxMemory",
            \.ingester.maxMemory,
            .integer(0...17_592_186_044_416),
            for: ingesters,
            """
            Bytes that recent samples and their series may take in memory; 0 is half of the memory of the machine \
            or control group. From four fifths of it on, the largest tenants' oldest samples are flushed before \
            their window ends; at the limit writes are answered 503.
            """
        ),
    ]
}
