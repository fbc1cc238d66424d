internal import ClusterInterface
internal import ClusterTransport
internal import Distribution
internal import HashRing
internal import Querying
internal import Synchronization

/// The ring with the way to each of its members, for writers and for readers.
final class RingClients: RingView, IngesterDirectory {
    private struct State {
        var targets: WriteTargets
        var readers: ReadSet
    }

    private let pool: IngesterClientPool
    private let heartbeatTimeout: Int64
    private let quorum: Quorum
    private let state: Mutex<State>

    /// - Parameter heartbeatTimeout: Milliseconds; a member that was silent for longer is taken for dead.
    init(pool: IngesterClientPool, heartbeatTimeout: Int64, replicationFactor: Int) {
        self.pool = pool
        self.heartbeatTimeout = heartbeatTimeout
        quorum = Quorum(replicationFactor: replicationFactor)
        state = Mutex(
            State(
                targets: WriteTargets(ring: HashRing(members: [], isHealthy: { _ in false })) { _ in
                    UnreachableIngester(reason: "the ring is empty")
                },
                readers: ReadSet(members: [], missing: [], tolerated: 0)
            )
        )
    }

    func current() -> WriteTargets { state.withLock { $0.targets } }

    func readers() -> ReadSet { state.withLock { $0.readers } }

    /// Takes a newly read ring.
    func update(_ members: [RingMember]) {
        pool.retain(only: Set(members.map(\.address)))
        var clients: [String: any IngesterClient] = [:]
        for member in members { clients[member.instance] = client(for: member) }
        let ring = HashRing(members: members) {
            $0.state.takesWrites && $0.heartbeatAge <= self.heartbeatTimeout
        }
        let targets = WriteTargets(ring: ring) { member in
            clients[member.instance] ?? UnreachableIngester(reason: "unknown member")
        }
        let readers = readSet(ring, clients)
        state.withLock { $0 = State(targets: targets, readers: readers) }
    }

    private func readSet(_ ring: HashRing, _ clients: [String: any IngesterClient]) -> ReadSet {
        var set = ReadSet(members: [], missing: [], tolerated: quorum.missingReadsTolerated)
        // One that only announced itself holds nothing yet.
        for (index, member) in ring.members.enumerated() where member.state != .pending {
            let domain = ring.failureDomain(
                of: index,
                replicationFactor: quorum.replicationFactor
            )
            if member.state.takesReads, let client = clients[member.instance] {
                set.members.append(
                    ReadSet.Member(instance: member.instance, domain: domain, client: client)
                )
            } else {
                set.missing.append(ReadSet.Missing(instance: member.instance, domain: domain))
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
