internal import ClusterInterface
internal import ClusterTransport
internal import Distribution
internal import HashRing
internal import MetricsModel
internal import Querying
internal import ServiceSupport
internal import Synchronization

/// The ring with the way to each of its members, for writers and for readers.
final class RingClients: RingView, IngesterDirectory {
    private struct State {
        var ring: HashRing
        /// By position in the ring's list of members; nil before a ring was read, and for those that hold nothing.
        var readers: [Reader?]?
        var history: RingHistory
        var lookBack: RingHistory.LookBack
        var departures = RingDepartures()
        var zones = ZoneHistory()
        /// When the ring was read, by ``TenantShards/now()``.
        var readAt = Int64.min
    }

    /// How one member stands when a query comes.
    private enum Reader {
        case member(ReadSet.Member)
        case missing(ReadSet.Missing)
    }

    private let pool: IngesterClientPool
    private let store: any RingStore
    private let heartbeatTimeout: Int64
    /// Milliseconds after which the ring is read anew for a query.
    private let longestAge: Int64
    private let quorum: Quorum
    private let shards: TenantShards
    private let targets: TenantTargets
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    init(
        pool: IngesterClientPool,
        store: any RingStore,
        settings: RingSettings,
        shards: TenantShards,
        now: @escaping @Sendable () -> Int64 = WallClock.milliseconds
    ) {
        self.pool = pool
        self.now = now
        self.store = store
        // A member that was silent for longer is taken for dead.
        heartbeatTimeout = settings.heartbeatTimeout.milliseconds
        longestAge = Self.missedPolls * settings.pollInterval.milliseconds
        self.shards = shards
        quorum = Quorum(replicationFactor: shards.replicationFactor)
        let ring = HashRing(members: [], isHealthy: { _ in false })
        targets = TenantTargets(
            WriteTargets(ring: ring) { _ in UnreachableIngester(reason: "the ring is empty") },
            replicationFactor: shards.replicationFactor
        )
        let history = RingHistory(lag: shards.lag)
        state = Mutex(
            State(
                ring: ring,
                readers: nil,
                history: history,
                lookBack: history.lookBack(on: ring)
            )
        )
    }

    /// After as many polls that failed, a query looks for itself.
    private static let missedPolls: Int64 = 3

    func refresh() async throws {
        let readAt = state.withLock { $0.readAt }
        // Before the first poll there is nothing to be asked anyway.
        guard readAt > .min, TenantShards.now() - readAt > longestAge else { return }
        try await refreshNow()
    }

    func refreshNow() async throws { update(try await store.members()) }

    func current() -> WriteTargets { targets.all }

    func current(for tenant: TenantID) -> WriteTargets {
        targets.targets(of: tenant, size: shards.writtenSize(of: tenant))
    }

    func readers() -> ReadSet {
        let (readers, departures) = state.withLock { ($0.readers, $0.departures) }
        return readers.map { readSet($0, departures) } ?? .unread
    }

    func readers(of tenant: TenantID) -> ReadSet {
        let (ring, readers, lookBack, departures) = state.withLock {
            ($0.ring, $0.readers, $0.lookBack, $0.departures)
        }
        guard let readers else { return .unread }
        guard let picked = shards.readers(of: tenant, on: ring, lookBack) else {
            return readSet(readers, departures)
        }
        return readSet(picked.map { readers[$0] }, departures)
    }

    /// Takes a newly read ring.
    func update(_ members: [RingMember]) {
        pool.retain(only: Set(members.map(\.address)))
        let ring = state.withLock { $0.ring }.updated(members) {
            $0.state.takesWrites && $0.heartbeatAge <= self.heartbeatTimeout
        }
        let clients = ring.members.map { client(for: $0) }
        let hasZones = ring.hasZones(for: quorum.replicationFactor)
        let now = now()
        let since = state.withLock { state -> Int64? in
            state.departures.update(members, at: now)
            state.readAt = TenantShards.now()
            state.zones.update(members, hasZones: hasZones, at: state.readAt)
            let byZone = state.zones.countsByZone
            let readers = ring.members.indices.map {
                Self.reader(
                    ring.members[$0],
                    ring.failureDomain(of: $0, byZone: byZone),
                    clients[$0]
                )
            }
            let isSame = Self.areAlike(state.ring, ring)
            state.history.update(members, at: TenantShards.now())
            state.lookBack = state.history.lookBack(on: ring)
            state.readers = readers
            state.ring = ring
            if !isSame { targets.replace(makeTargets(ring, clients)) }
            return state.lookBack.since
        }
        if let since { shards.forget(before: since) }
    }

    private func makeTargets(_ ring: HashRing, _ clients: [any IngesterClient]) -> WriteTargets {
        let byName = Dictionary(
            zip(ring.members.lazy.map(\.instance), clients),
            uniquingKeysWith: { first, _ in first }
        )
        return WriteTargets(ring: ring) { member in
            byName[member.instance] ?? UnreachableIngester(reason: "unknown member")
        }
    }

    /// Whether two rings give all series to the same members, at the same addresses: shards that were made of one hold
    /// for the other.
    private static func areAlike(_ one: HashRing, _ other: HashRing) -> Bool {
        one.isHealthy == other.isHealthy && one.members.count == other.members.count
            && zip(one.members, other.members).allSatisfy { one, other in
                one.instance == other.instance && one.address == other.address
                    && one.zone == other.zone && one.state == other.state
                    && one.tokens == other.tokens
            }
    }

    private static func reader(
        _ member: RingMember,
        _ domain: UInt32,
        _ client: any IngesterClient
    ) -> Reader? {
        guard member.mayHoldSamples else { return nil }
        guard member.state.takesReads else {
            return .missing(ReadSet.Missing(instance: member.instance, domain: domain))
        }
        return .member(
            ReadSet.Member(instance: member.instance, domain: domain, client: client)
        )
    }

    private func readSet(_ readers: [Reader?], _ departures: RingDepartures) -> ReadSet {
        var set = ReadSet(
            members: [],
            missing: [],
            tolerated: quorum.missingReadsTolerated,
            knownSince: departures.knownSince
        )
        for reader in readers {
            switch reader {
            case .member(let member): set.members.append(member)
            case .missing(let missing): set.missing.append(missing)
            case nil: break
            }
        }
        return set
    }

    private func client(for member: RingMember) -> any IngesterClient {
        do {
            return try pool.client(for: member.address)
        } catch {
            return UnreachableIngester(reason: "\(error)")
        }
    }
}
