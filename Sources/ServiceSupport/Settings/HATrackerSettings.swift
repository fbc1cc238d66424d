/// Pairs of senders of which one's samples are taken.
public struct HATrackerSettings: Sendable, Equatable {
    /// Key `haTracker.failoverTimeout`.
    public var failoverTimeout = Duration.seconds(30)
    /// Key `haTracker.sampleFailoverTimeout`; 0 looks at the silence alone.
    public var sampleFailoverTimeout = Duration.seconds(30)
    /// Key `haTracker.updateTimeout`.
    public var updateTimeout = Duration.seconds(15)
    /// Key `haTracker.updateJitter`.
    public var updateJitter = Duration.seconds(5)
    /// Key `haTracker.pollInterval`.
    public var pollInterval = Duration.seconds(5)
    /// Key `haTracker.maxKeptSize`: bytes of compressed requests; 0 keeps none.
    public var maxKeptSize = ByteCount.mebibytes(64)

    private static let writers: [Executable] = [.engram, .distributor]

    static let keys = [
        ConfigurationKey(
            "haTracker.failoverTimeout",
            \.haTracker.failoverTimeout,
            .duration(.milliseconds(100)...Duration.seconds(3600)),
            for: writers,
            """
            How long nothing must have come from the elected replica of a pair of senders before the \
            other one is elected. Longer than senders wait between two requests, and than \
            `haTracker.updateTimeout`, `haTracker.updateJitter` and `haTracker.pollInterval` together.
            """
        ),
        ConfigurationKey(
            "haTracker.sampleFailoverTimeout",
            \.haTracker.sampleFailoverTimeout,
            .duration(.zero...Duration.seconds(3600)),
            for: writers,
            """
            How much newer than the last sample of the elected replica those of the other one must be, \
            besides, before it is elected; 0 elects by the silence alone, and then a replica that \
            lags behind may be elected.
            """
        ),
        ConfigurationKey(
            "haTracker.updateTimeout",
            \.haTracker.updateTimeout,
            .duration(.milliseconds(100)...Duration.seconds(3600)),
            for: writers,
            "How often the store is told that an elected replica was heard."
        ),
        ConfigurationKey(
            "haTracker.updateJitter",
            \.haTracker.updateJitter,
            .duration(.zero...Duration.seconds(3600)),
            for: writers,
            """
            Up to so much is added to `haTracker.updateTimeout`, another part of it for each cluster \
            and distributor, so that they do not write at once.
            """
        ),
        ConfigurationKey(
            "haTracker.pollInterval",
            \.haTracker.pollInterval,
            .duration(.milliseconds(100)...Duration.seconds(60)),
            for: writers,
            "How often the elections of other distributors are read from the store."
        ),
        ConfigurationKey(
            "haTracker.maxKeptSize",
            \.haTracker.maxKeptSize,
            .byteCount(ByteCount(bytes: 0)...ByteCount.mebibytes(65_536)),
            for: writers,
            """
            Memory for requests of replicas that are not elected, compressed as they came, of all \
            tenants; what they hold behind the last sample of the elected replica fills the gap when \
            they are elected. 0 keeps none, and leaves a gap of the failover timeout.
            """
        ),
    ]
}
