/// What an operator can set about pairs of senders.
public struct HATrackerSettings: Sendable, Equatable {
    /// How long an elected replica must have been silent before another one is elected.
    public var failoverTimeoutMilliseconds: Int64 = 30_000
    /// How much newer than the elected replica's newest sample those of another one must be before it is elected;
    /// 0 looks at the silence alone.
    public var sampleFailoverTimeoutMilliseconds: Int64 = 30_000
    /// How old the store's knowledge of when a replica was last heard may become.
    public var updateTimeoutMilliseconds: Int64 = 15_000
    /// Up to so much is added to the update timeout, another part of it for each cluster.
    public var updateJitterMilliseconds: Int64 = 5_000
    /// Tells the jitter of this process from that of others.
    public var jitterSeed: UInt64 = 0
    /// Bytes of requests of replicas that are not elected, of all clusters; 0 keeps none.
    public var maximumKeptBytes = 64 << 20
    /// Clusters of all tenants that are known at once; a further one is refused.
    public var maximumClusters = 100_000
    /// Clusters that were silent for so long are forgotten.
    public var forgetMilliseconds: Int64 = 1_800_000

    public init() {}

    /// How long a request is kept that may still be needed: until an election is certain, whoever makes it.
    var keptMilliseconds: Int64 {
        failoverTimeoutMilliseconds + sampleFailoverTimeoutMilliseconds
            + updateTimeoutMilliseconds + updateJitterMilliseconds
    }
}
