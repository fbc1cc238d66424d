internal import HashRing

/// What part of a tenant's series one ingester has, as its own ring tells: each series is on as many ingesters as there
/// are copies of it, and they are spread evenly.
public struct RingShare: Sendable, Equatable {
    /// Ingesters that take writes, this one included.
    public var ingesterCount: Int
    /// Copies of each series.
    public var replicationFactor: Int

    /// Zones that these ingesters are in.
    public var zoneCount: Int

    /// One ingester that has everything, unless told otherwise.
    public init(ingesterCount: Int = 1, replicationFactor: Int = 1, zoneCount: Int = 1) {
        self.ingesterCount = ingesterCount
        self.replicationFactor = replicationFactor
        self.zoneCount = zoneCount
    }

    /// The share of an ingester in the shard of one tenant.
    ///
    /// - Parameter size: Of the shard; 0 is all ingesters.
    public func inShard(size: Int) -> RingShare {
        guard size > 0 else { return self }
        let count = ShuffleShard.count(
            size: size,
            replicationFactor: replicationFactor,
            zoneCount: max(1, zoneCount)
        )
        var share = self
        share.ingesterCount = min(ingesterCount, count)
        return share
    }

    /// The share of a number that is meant for the whole cluster, rounded up.
    public func of(_ global: Int) -> Int {
        // Fewer ingesters than copies: each has everything.
        guard ingesterCount > replicationFactor, replicationFactor > 0 else { return global }
        let (copies, isOverflow) = global.multipliedReportingOverflow(by: replicationFactor)
        guard !isOverflow else { return global }
        return copies / ingesterCount + (copies % ingesterCount > 0 ? 1 : 0)
    }
}
