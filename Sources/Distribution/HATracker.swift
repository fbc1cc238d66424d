public import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// What a distributor knows of all clusters of senders: who is elected, and what of the others may still be needed.
///
/// Cheap, and never waits: ``Distributor`` calls the store and plays back what was kept. Each cluster has one who does
/// so at a time; others wait for it.
public final class HATracker: Sendable {
    /// What becomes of a request.
    enum Decision: Equatable {
        /// Taken, but for samples up to a time.
        case accept(after: Int64?)
        case deduplicate
        /// Not before an election, or what it set off, is through.
        case settle
        /// The tenant has as many clusters as it may have.
        case tooManyClusters(limit: Int)
    }

    /// What is to be done before a request can be decided.
    enum Duty {
        /// Nothing any more.
        case none
        /// To wait for another one.
        case wait
        /// To write, if there is something to write, and to play back; then to call ``endSettling(_:)``.
        case settle(HAElectionChange?)
    }

    private struct Cluster {
        var election: HAElection
        var jitter: Int64
        /// Somebody writes or plays back.
        var isBusy = false
        /// The elected replica's kept requests come before its new ones.
        var awaitsReplay = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private struct State {
        var clusters: [HAClusterID: Cluster] = [:]
        var countByTenant: [String: Int] = [:]
        var kept: KeptRequests
    }

    let store: any HATrackerStore
    let settings: HATrackerSettings
    private let state: Mutex<State>

    public init(store: any HATrackerStore, settings: HATrackerSettings = HATrackerSettings()) {
        self.store = store
        self.settings = settings
        state = Mutex(State(kept: KeptRequests(limit: settings.maximumKeptBytes)))
    }

    // MARK: Requests

    func decide(_ claim: HAClaim, at now: Int64, maximumClusters: Int) -> Decision {
        state.withLock { state in
            if state.clusters[claim.cluster] == nil {
                let limit = maximumClusters == 0 ? settings.maximumClusters : maximumClusters
                guard state.countByTenant[claim.cluster.tenant.name, default: 0] < limit else {
                    return .tooManyClusters(limit: limit)
                }
                guard state.clusters.count < settings.maximumClusters else {
                    return .tooManyClusters(limit: settings.maximumClusters)
                }
                add(claim.cluster, to: &state)
            }
            // Changed in place: a copy of it would copy the names in it, for each request.
            let decision = state.clusters[claim.cluster]?.election.receive(
                from: claim.replica,
                newestSample: claim.newestSample,
                at: now,
                by: settings
            )
            switch decision {
            case .accept(let time):
                let awaitsReplay = state.clusters[claim.cluster]?.awaitsReplay ?? false
                return awaitsReplay ? .settle : .accept(after: time)
            case .deduplicate: return .deduplicate
            case .elect, nil: return .settle
            }
        }
    }

    /// Takes note that a request's samples are stored.
    func noteStored(_ claim: HAClaim) {
        guard let newestSample = claim.newestSample else { return }
        state.withLock { state in
            state.clusters[claim.cluster]?.election.noteStored(
                from: claim.replica,
                newestSample: newestSample
            )
        }
    }

    /// Keeps a request that was not taken, as long as its replica may be elected in the elected one's place.
    ///
    /// - Returns: How many requests had to make room, and the bytes of all that are kept.
    func keep(_ request: KeptRequests.Request, of cluster: HAClusterID) -> (dropped: Int, size: Int)
    {
        state.withLock { state in
            prune(cluster, at: request.receivedAt, in: &state)
            let newest = state.clusters[cluster]?.election.elected?.newestSample ?? .min
            guard request.newestSample > newest else { return (0, state.kept.size) }
            return (state.kept.keep(request, of: cluster), state.kept.size)
        }
    }

    // MARK: Elections

    /// Says what there is to do for a request, and takes it over.
    func beginSettling(_ claim: HAClaim, at now: Int64) -> Duty {
        state.withLock { state in
            guard let cluster = state.clusters[claim.cluster] else { return .none }
            guard !cluster.isBusy else { return .wait }
            let decision = cluster.election.decision(
                for: claim.replica,
                newestSample: claim.newestSample,
                at: now,
                by: settings
            )
            switch decision {
            case .elect:
                state.clusters[claim.cluster]?.isBusy = true
                return .settle(cluster.election.change(electing: claim.replica))
            case .accept:
                guard cluster.awaitsReplay else { return .none }
                state.clusters[claim.cluster]?.isBusy = true
                return .settle(nil)
            case .deduplicate: return .none
            }
        }
    }

    /// Says what is to be written to elect a replica that an operator names, and takes it over.
    ///
    /// - Returns: nil where the cluster is not known.
    func beginElecting(_ replica: String, of id: HAClusterID) -> Duty? {
        state.withLock { state in
            guard let cluster = state.clusters[id], let elected = cluster.election.elected else {
                return nil
            }
            guard !cluster.isBusy else { return .wait }
            guard elected.replica != replica else { return Duty.none }
            state.clusters[id]?.isBusy = true
            return .settle(cluster.election.change(electing: replica))
        }
    }

    /// Clusters with requests to be played back that nobody plays back; they are taken over.
    func beginReplays() -> [HAClusterID] {
        state.withLock { state in
            let waiting = state.clusters.filter { $0.value.awaitsReplay && !$0.value.isBusy }.keys
            for cluster in waiting { state.clusters[cluster]?.isBusy = true }
            return waiting.sorted()
        }
    }

    /// Returns once nobody is busy with the cluster.
    func waitUntilSettled(_ id: HAClusterID) async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                guard state.clusters[id]?.isBusy == true else { return true }
                state.clusters[id]?.waiters.append(continuation)
                return false
            }
            if isSettled { continuation.resume() }
        }
    }

    func endSettling(_ id: HAClusterID) {
        let waiters = state.withLock { state in
            let waiters = state.clusters[id]?.waiters ?? []
            state.clusters[id]?.waiters = []
            state.clusters[id]?.isBusy = false
            // A name that the store never heard of costs nothing.
            if let cluster = state.clusters[id], cluster.election.elected == nil {
                remove(id, from: &state)
            }
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Rows

    /// Takes over what the store holds after a change, which has lost the cluster's row if it tells none.
    func adopt(_ answer: HAElectionAnswer, to change: HAElectionChange, at now: Int64) {
        let expected = answer.isWritten ? nil : change.expectedVersion
        state.withLock { state in
            if let row = answer.row {
                adopt(row, insteadOf: expected, at: now, in: &state)
            } else {
                let id = HAClusterID(tenant: change.tenant, cluster: change.cluster)
                state.clusters[id]?.election.forgetRow()
            }
        }
    }

    /// Takes over rows that were read.
    ///
    /// - Parameter areAll: Whether the store has no others; clusters that were silent for long are then forgotten.
    func adopt(_ rows: [HAElectionRow], areAll: Bool, at now: Int64) {
        state.withLock { state in
            var read: Set<HAClusterID> = []
            for row in rows {
                let id = HAClusterID(tenant: row.tenant, cluster: row.cluster)
                if areAll { read.insert(id) }
                let isKnown = state.clusters[id] != nil
                guard isKnown || row.receivedAge < settings.forgetMilliseconds else { continue }
                guard isKnown || state.clusters.count < settings.maximumClusters else { continue }
                adopt(row, at: now, in: &state)
            }
            guard areAll else { return }
            for (id, cluster) in state.clusters where !cluster.isBusy {
                if cluster.election.isSilent(for: settings.forgetMilliseconds, at: now) {
                    remove(id, from: &state)
                } else if !read.contains(id) {
                    state.clusters[id]?.election.forgetRow()
                }
            }
        }
    }

    /// What the store does not know for too long.
    func dueChanges(at now: Int64) -> [HAElectionChange] {
        state.withLock { state in
            state.clusters.values.compactMap { cluster in
                guard !cluster.isBusy else { return nil }
                return cluster.election.refresh(at: now, jitter: cluster.jitter, by: settings)
            }
        }
    }

    // MARK: Playing back

    /// The next request to be played back, and the time up to which its samples are not taken; nil when there is none.
    func nextReplay(of id: HAClusterID) -> (request: KeptRequests.Request, after: Int64)? {
        state.withLock { state in
            guard let elected = state.clusters[id]?.election.elected else { return nil }
            state.kept.prune(id, receivedBefore: .min, upTo: elected.startTime)
            guard let request = state.kept.first(of: id, from: elected.replica) else {
                state.clusters[id]?.awaitsReplay = false
                return nil
            }
            return (request, elected.startTime)
        }
    }

    func removeKept(_ number: Int, of id: HAClusterID) {
        state.withLock { $0.kept.remove(number, of: id) }
    }

    /// Drops kept requests that became too old.
    ///
    /// - Returns: Bytes of those that stay.
    func pruneKept(at now: Int64) -> Int {
        state.withLock { state in
            for cluster in state.kept.clusters { prune(cluster, at: now, in: &state) }
            return state.kept.size
        }
    }

    // MARK: Looking

    /// All clusters that have an elected replica, by tenant and name.
    public func clusters() -> [HAClusterStatus] {
        let elections = state.withLock { state in
            state.clusters.values.map { cluster in
                (cluster.election, state.kept.size(of: cluster.election.tenantCluster))
            }
        }
        return elections.compactMap { HAClusterStatus($0, keptSize: $1) }
            .sorted { $0.cluster < $1.cluster }
    }

    var clusterCount: Int { state.withLock { $0.clusters.count } }

    // MARK: Under the lock

    private func add(_ id: HAClusterID, to state: inout State) {
        state.clusters[id] = Cluster(election: HAElection(id), jitter: jitter(of: id))
        state.countByTenant[id.tenant.name, default: 0] += 1
    }

    private func remove(_ id: HAClusterID, from state: inout State) {
        guard state.clusters.removeValue(forKey: id) != nil else { return }
        state.kept.removeAll(of: id)
        let count = state.countByTenant[id.tenant.name, default: 0] - 1
        state.countByTenant[id.tenant.name] = count > 0 ? count : nil
    }

    private func adopt(
        _ row: HAElectionRow,
        insteadOf expected: Int64? = nil,
        at now: Int64,
        in state: inout State
    ) {
        let id = HAClusterID(tenant: row.tenant, cluster: row.cluster)
        if state.clusters[id] == nil { add(id, to: &state) }
        let hasChanged =
            state.clusters[id]?.election.adopt(row, insteadOf: expected, at: now) ?? false
        if hasChanged {
            // Of a replica that was elected for a moment, what is left may go.
            state.clusters[id]?.awaitsReplay =
                state.kept.first(of: id, from: row.replica) != nil
        }
        prune(id, at: now, in: &state)
    }

    /// Kept requests without a sample behind the elected replica's newest are of no use, whoever is elected next.
    private func prune(_ id: HAClusterID, at now: Int64, in state: inout State) {
        guard let cluster = state.clusters[id], !cluster.awaitsReplay, !cluster.isBusy else {
            return
        }
        state.kept.prune(
            id,
            receivedBefore: now - settings.keptMilliseconds,
            upTo: cluster.election.elected?.newestSample ?? .min
        )
    }

    /// The same for a cluster in this process, another one in others.
    private func jitter(of id: HAClusterID) -> Int64 {
        var hash = settings.jitterSeed ^ 0xcbf2_9ce4_8422_2325
        for byte in id.tenant.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for byte in id.cluster.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let range = UInt64(max(0, settings.updateJitterMilliseconds)) + 1
        return Int64((hash ^ hash >> 32) % range)
    }
}
