/// Membership in the ring of ingesters.
public struct RingSettings: Sendable, Equatable {
    /// Key `ring.replicationFactor`: copies of each series; 2 works as well as odd numbers.
    public var replicationFactor = 1
    /// Key `ring.instanceID`; the host name unless set.
    public var instanceID = ""
    /// Key `ring.zone`; empty when the ingester is in no zone.
    public var zone = ""
    /// Key `ring.advertise`; always present in a loaded configuration.
    ///
    /// Port 0 stands for the port that ``RPCSettings/listen`` was given by the system.
    public var advertise: NetworkAddress?
    /// Key `ring.heartbeatInterval`.
    public var heartbeatInterval = Duration.seconds(5)
    /// Key `ring.heartbeatTimeout`.
    ///
    /// Twelve missed heartbeats: long enough for a database failover, since a broken connection
    /// tells sooner that an ingester is gone.
    public var heartbeatTimeout = Duration.seconds(60)
    /// Key `ring.pollInterval`.
    public var pollInterval = Duration.seconds(5)

    static let keys = [
        ConfigurationKey(
            "ring.replicationFactor",
            \.ring.replicationFactor,
            .integer(1...8),
            """
            Ingesters that hold a copy of each series; a write is acknowledged by more than half of \
            them. The same in every process; `engram` is its only ingester and accepts 1.
            """
        ),
        ConfigurationKey(
            "ring.instanceID",
            \.ring.instanceID,
            .name(orEmpty: false),
            for: [.engram, .ingester],
            default: "the host name",
            "Name of this ingester in the ring. It has to be unique and to survive a restart."
        ),
        ConfigurationKey(
            "ring.zone",
            \.ring.zone,
            .name(orEmpty: true),
            for: [.ingester],
            "Failure domain of this ingester; copies of a series go to different zones."
        ),
        ConfigurationKey(
            "ring.advertise",
            \.ring.advertise,
            .optionalAddress,
            for: [.ingester],
            default: "the host of `rpc.listen`, or of the first network interface, and its port",
            "Address under which the others reach this ingester."
        ),
        ConfigurationKey(
            "ring.heartbeatInterval",
            \.ring.heartbeatInterval,
            .duration(.milliseconds(100)...Duration.seconds(60)),
            for: [.ingester],
            "How often an ingester renews its entry in the ring."
        ),
        ConfigurationKey(
            "ring.heartbeatTimeout",
            \.ring.heartbeatTimeout,
            .duration(.seconds(1)...Duration.seconds(3600)),
            for: Executable.cluster,
            """
            An ingester whose last heartbeat, by the clock of the database, is older than this gets \
            no new series. At least three times `ring.heartbeatInterval`.
            """
        ),
        ConfigurationKey(
            "ring.pollInterval",
            \.ring.pollInterval,
            .duration(.milliseconds(100)...Duration.seconds(60)),
            for: Executable.cluster,
            "How often the ring is read from the store."
        ),
    ]
}
