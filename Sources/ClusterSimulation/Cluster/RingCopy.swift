internal import ClusterInterface
internal import Distribution
internal import HashRing
internal import MetricsModel
internal import Querying

/// One process's copy of the ring, with the way to each of its members.
///
/// Does what `RingWatch` and `RingClients` of the services do: polls the store, goes on with what it has where that fails,
/// and forgets members that are dead and without which nothing can be lost.
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class RingCopy: RingView, IngesterDirectory, @unchecked Sendable {
    private let process: SimulatedProcess
    private let store: any RingStore
    private let settings: SimulationSettings
    private let client: (RingMember) -> any IngesterClient
    private let plantedBug: PlantedBug?
    private let quorum: Quorum
    private var dead: DeadMembers
    private var targets: WriteTargets
    /// What the ring was made of, without what changes all the time; making it anew costs most of a poll.
    private var seen: [RingMember]?
    private var readSet = ReadSet.unread
    private var zones = ZoneHistory()
    private var readAt: Int64?

    init(
        of process: SimulatedProcess,
        store: any RingStore,
        settings: SimulationSettings,
        client: @escaping (RingMember) -> any IngesterClient
    ) {
        self.process = process
        self.store = store
        self.settings = settings
        self.client = client
        plantedBug = settings.plantedBug
        quorum = Quorum(replicationFactor: settings.replicationFactor)
        dead = DeadMembers(heartbeatTimeout: settings.heartbeatTimeout, quorum: quorum)
        targets = WriteTargets(
            ring: HashRing(members: [], isHealthy: { _ in false }),
            client: client
        )
    }

    var ring: HashRing { targets.ring }

    func current() -> WriteTargets { targets }

    func readers() -> ReadSet { readSet }

    func refresh() async throws {
        guard let readAt, process.uptime - readAt > 15_000 else { return }
        try await refreshNow()
    }

    func refreshNow() async throws { take(try await store.members()) }

    /// Polls for as long as the process lives.
    func run() {
        process.spawn { [self] in
            repeat {
                await poll()
            } while (try? await process.sleep(
                process.simulator.chance.milliseconds(4000...6000)
            )) != nil
        }
    }

    private func poll() async {
        guard let members = try? await store.members() else { return }
        take(members)
        await forgetDead(members)
    }

    private func take(_ members: [RingMember]) {
        readAt = process.uptime
        let timeout = settings.heartbeatTimeout
        let hasZones =
            Set(members.filter { !$0.tokens.isEmpty }.map(\.zone)).count
            >= settings.replicationFactor
        let counted = zones.countsByZone
        zones.update(members, hasZones: hasZones, at: process.uptime)
        if zones.countsByZone != counted { seen = nil }
        let shape = members.map { member in
            var member = member
            member.heartbeatAge = member.heartbeatAge <= timeout ? 0 : timeout + 1
            member.unstoredAge = nil
            return member
        }
        guard shape != seen else { return }
        seen = shape
        let ring = HashRing(members: members) {
            $0.state.takesWrites && $0.heartbeatAge <= timeout
        }
        targets = WriteTargets(ring: ring, client: client)
        readSet = readSet(ring)
    }

    private func readSet(_ ring: HashRing) -> ReadSet {
        let isTolerant = plantedBug == .tooManyMissingTolerated
        var set = ReadSet(
            members: [],
            missing: [],
            tolerated: quorum.missingReadsTolerated + (isTolerant ? 1 : 0)
        )
        for (index, member) in ring.members.enumerated() where member.mayHoldSamples {
            let domain = ring.failureDomain(of: index, byZone: zones.countsByZone)
            if member.state.takesReads {
                set.members.append(
                    ReadSet.Member(
                        instance: member.instance,
                        domain: domain,
                        client: client(member)
                    )
                )
            } else {
                set.missing.append(ReadSet.Missing(instance: member.instance, domain: domain))
            }
        }
        return set
    }

    private func forgetDead(_ members: [RingMember]) async {
        var members = members
        var now = process.uptime
        if plantedBug == .forgottenTooEarly {
            for index in members.indices { members[index].unstoredAge = 0 }
            now *= 1000
        }
        for member in dead.update(members, at: now)
        where (try? await store.unregister(member)) != nil {
            process.note("forgets \(member.instance)")
        }
    }

    /// Has every ingester store what it has of a tenant, as the services do for deletions.
    func storeSamples(of tenant: TenantID) async throws {
        let readers = readers()
        guard readers.missing.isEmpty else {
            throw IngesterError.notAcceptingReads(
                state: "missing: \(readers.missing.map(\.instance).sorted())"
            )
        }
        for member in readers.members { try await member.client.storeSamples(of: tenant) }
        let names = Set(readers.members.map(\.instance))
        let unknown = try await store.members().filter {
            $0.mayHoldSamples && !names.contains($0.instance)
        }
        guard unknown.isEmpty else {
            throw IngesterError.notAcceptingReads(state: "unknown: \(unknown.map(\.instance))")
        }
    }
}
