import ClusterInterface
import Synchronization

/// The store's part in elections, in memory, with a clock that tests set.
final class MemoryElections: HATrackerStore {
    struct Election: Equatable {
        var row: HAElectionRow
        var receivedAt: Int64
        var electedAt: Int64
        var changedAt: Int64
    }

    private struct State {
        var now: Int64 = 0
        var isAway = false
        var version: Int64 = 0
        var elections: [Election] = []
        /// Every row that was ever written, in order.
        var history: [Election] = []
    }

    private let state = Mutex(State())

    func set(now: Int64) { state.withLock { $0.now = now } }
    func set(isAway: Bool) { state.withLock { $0.isAway = isAway } }
    func removeAll() { state.withLock { $0.elections = [] } }

    /// What a restore brings back: rows, and the number of the newest version.
    struct Copy {
        fileprivate var version: Int64
        fileprivate var elections: [Election]
    }

    var copy: Copy {
        state.withLock { Copy(version: $0.version, elections: $0.elections) }
    }

    func restore(_ copy: Copy) {
        state.withLock { state in
            state.version = copy.version
            state.elections = copy.elections
        }
    }

    /// Every row that was ever written, in order.
    var history: [Election] { state.withLock { $0.history } }
    var rowCount: Int { state.withLock { $0.elections.count } }

    func haElections(changedWithin span: Duration?) async throws -> [HAElectionRow] {
        try read(within: span.map { Int64($0 / .milliseconds(1)) })
    }

    func read(within span: Int64? = nil) throws(StoreError) -> [HAElectionRow] {
        let rows: [HAElectionRow]? = state.withLock { state in
            guard !state.isAway else { return nil }
            return state.elections.filter { span == nil || $0.changedAt >= state.now - (span ?? 0) }
                .map { Self.row($0, at: state.now) }
        }
        guard let rows else { throw .unavailable("no answer") }
        return rows
    }

    func compareAndSet(_ change: HAElectionChange) async throws -> HAElectionAnswer {
        try write(change)
    }

    func write(_ change: HAElectionChange) throws(StoreError) -> HAElectionAnswer {
        let answer: HAElectionAnswer? = state.withLock { state in
            guard !state.isAway else { return nil }
            let index = state.elections.firstIndex {
                $0.row.tenant == change.tenant && $0.row.cluster == change.cluster
            }
            let old = index.map { state.elections[$0] }
            guard old?.row.version == change.expectedVersion else {
                return HAElectionAnswer(
                    isWritten: false,
                    row: old.map { Self.row($0, at: state.now) }
                )
            }
            state.version += 1
            let row = HAElectionRow(
                tenant: change.tenant,
                cluster: change.cluster,
                replica: change.replica,
                version: state.version,
                startTime: change.startTime,
                newestSample: change.newestSample,
                receivedAge: 0,
                electedAge: 0
            )
            let isSame = old?.row.replica == change.replica
            let new = Election(
                row: row,
                receivedAt: state.now - change.receivedAge,
                electedAt: isSame ? old?.electedAt ?? state.now : state.now,
                changedAt: state.now
            )
            if let index { state.elections[index] = new } else { state.elections.append(new) }
            state.history.append(new)
            return HAElectionAnswer(isWritten: true, row: Self.row(new, at: state.now))
        }
        guard let answer else { throw .unavailable("no answer") }
        return answer
    }

    func removeHAElections(silentFor time: Duration) async throws -> Int {
        state.withLock { state in
            let count = state.elections.count
            let limit = state.now - Int64(time / .milliseconds(1))
            state.elections.removeAll { $0.receivedAt < limit }
            return count - state.elections.count
        }
    }

    private static func row(_ election: Election, at now: Int64) -> HAElectionRow {
        var row = election.row
        row.receivedAge = max(0, now - election.receivedAt)
        row.electedAge = max(0, now - election.electedAt)
        return row
    }
}
