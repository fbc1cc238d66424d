internal import ClusterInterface
internal import HashRing
internal import MetricsModel
internal import ServiceSupport
internal import Synchronization

/// The shards of all tenants as the limits have them, now and lately.
///
/// A new size is taken by readers at once, and by writers a while later, so that no sample is where no reader looks.
final class TenantShards: Sendable {
    private let limits: LimitsTable
    private let sizes = Mutex(ShardSizes())
    /// How long after a reader a writer goes by a new size, in milliseconds.
    private let delay: Int64
    /// By how much the views that two processes have of ring and limits may be apart, in milliseconds.
    let lag: Int64
    let replicationFactor: Int

    /// So many times are the overrides file and the store looked at until all processes of a cluster must have a change of it.
    private static let reloads = 12
    /// So many times is the ring read until all processes that reach the store must have a change of it.
    private static let polls = 12

    init(_ limits: LimitsTable, settings: ServiceSettings) {
        self.limits = limits
        replicationFactor = settings.ring.replicationFactor
        delay = (settings.overrides.reloadInterval * Self.reloads).milliseconds
        lag = 2 * delay + (settings.ring.pollInterval * Self.polls).milliseconds
        limits.observe { [weak self] in self?.note($0) }
    }

    /// The size of the shard that a tenant's series are written to; 0 is all.
    func writtenSize(of tenant: TenantID) -> Int {
        let present = limits.limits(for: tenant).ingestionTenantShardSize
        let time = Self.now() - delay
        return sizes.withLock { $0.size(of: tenant.name, at: time, now: present) }
    }

    /// The members that a tenant's series are written to; nil where these are all.
    func writers(of tenant: TenantID, on ring: HashRing) -> [Int]? {
        ShuffleShard(tenant: tenant.name, size: writtenSize(of: tenant))
            .writers(of: ring, replicationFactor: replicationFactor)
    }

    /// The members that may hold samples of a tenant that are in no block; nil where these may be all.
    func readers(
        of tenant: TenantID,
        on ring: HashRing,
        _ lookBack: RingHistory.LookBack
    ) -> [Int]? {
        // Read first: what comes into force after this was noted before.
        let present = limits.limits(for: tenant).ingestionTenantShardSize
        guard let since = lookBack.since else { return nil }
        let size = sizes.withLock { $0.largest(of: tenant.name, since: since, now: present) }
        return lookBack.readers(
            of: ShuffleShard(tenant: tenant.name, size: size),
            on: ring,
            replicationFactor: replicationFactor
        )
    }

    /// Forgets what was in force before a time, and before writers could still go by it.
    func forget(before time: Int64) {
        let time = min(time, Self.now() - delay)
        sizes.withLock { $0.forget(before: time) }
    }

    private func note(_ change: LimitsTable.Change) {
        let now = Self.now()
        sizes.withLock { sizes in
            for tenant in Set(change.former.keys).union(change.coming.keys) {
                let former = (change.former[tenant] ?? change.defaults).ingestionTenantShardSize
                let coming = (change.coming[tenant] ?? change.defaults).ingestionTenantShardSize
                if former != coming { sizes.note(former, of: tenant.name, until: now) }
            }
        }
    }

    /// Milliseconds of a clock that does not go back.
    static func now() -> Int64 { (ContinuousClock.now - origin).milliseconds }

    private static let origin = ContinuousClock.now
}
