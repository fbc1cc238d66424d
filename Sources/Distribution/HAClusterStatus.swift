/// What a distributor knows of one cluster of senders, for people who look.
///
/// Times are milliseconds since the Unix epoch by this machine's clock.
public struct HAClusterStatus: Sendable, Equatable {
    /// A replica that this distributor had requests of.
    public struct Replica: Sendable, Equatable {
        public var name: String
        public var receivedAt: Int64
    }

    public var cluster: HAClusterID
    /// The elected one.
    public var replica: String
    public var electedAt: Int64
    /// When it was last received from, by any distributor, as far as this one knows.
    public var receivedAt: Int64
    /// Its newest sample; nil where it has sent none.
    public var newestSample: Int64?
    /// Samples up to this time were taken from the replica before; nil where there was none.
    public var startTime: Int64?
    /// Of the store's row; 0 where it is not known.
    public var version: Int64
    /// Those that were heard here, the last one first.
    public var replicas: [Replica]
    /// Bytes that are kept of the others.
    public var keptSize: Int

    init?(_ election: HAElection, keptSize: Int) {
        guard let elected = election.elected else { return nil }
        cluster = election.tenantCluster
        replica = elected.replica
        electedAt = elected.electedAt
        receivedAt = elected.receivedAt
        newestSample = elected.newestSample == .min ? nil : elected.newestSample
        startTime = elected.startTime == .min ? nil : elected.startTime
        version = elected.version
        replicas = election.seen.reversed().map {
            Replica(name: $0.replica, receivedAt: $0.receivedAt)
        }
        self.keptSize = keptSize
    }
}
