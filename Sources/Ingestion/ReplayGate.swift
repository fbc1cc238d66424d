internal import ClusterInterface
internal import Synchronization

/// Where writes go while the log of the run before is read.
///
/// The heads are not whole yet. So a write goes into heads *aside*, made for this time alone, and into the log like any
/// other. What came is read from the log in its turn, behind the old segments, in rounds that get shorter; during the
/// last one writes wait. So the heads come out as if the run before had taken all of it, and those aside are dropped.
final class ReplayGate: Sendable {
    private enum Phase {
        /// Nothing is read: writes go to the heads that stay.
        case open
        case aside(HeadTable)
        case held
        case failed(cause: String)
    }

    private struct State {
        var phase = Phase.open
        var waiting: [CheckedContinuation<Void, Never>] = []
        var rounds = 0
        /// Batches that had come when the last round began.
        var arrivalsBefore = 0
    }

    private let state = Mutex(State())
    /// Batches that were given heads aside; some may have found them closed.
    private let arrivals = Atomic(0)

    /// Batches that are read in a moment, so that writes may wait for it.
    private static let fewBatches = 64
    /// A log that grows as fast as it is read is caught up with in the end, since writes wait.
    private static let maximumRounds = 16

    /// One reading of what has come since the last one.
    struct Round {
        /// Whether writes wait until it is over.
        let isLast: Bool
        /// Whether there is nothing to be read.
        let isEmpty: Bool
    }

    /// Sends writes aside from now on.
    func begin(_ aside: HeadTable) { state.withLock { $0.phase = .aside(aside) } }

    /// Heads that are only there until the log is read.
    var aside: HeadTable? {
        state.withLock { state in
            guard case .aside(let heads) = state.phase else { return nil }
            return heads
        }
    }

    /// The heads that a write goes to; waits for the end of the last round.
    ///
    /// - Parameter heads: Those that stay.
    func heads(_ heads: HeadTable) async throws(IngesterError) -> HeadTable {
        while true {
            switch state.withLock({ $0.phase }) {
            case .open: return heads
            case .aside(let aside):
                // Before anything is appended: a round that sees no arrivals leaves none behind.
                arrivals.add(1, ordering: .sequentiallyConsistent)
                return aside
            case .held: await waitUntilChanged()
            case .failed(let cause):
                throw .notAcceptingWrites(state: "starting, its log cannot be read: \(cause)")
            }
        }
    }

    private func waitUntilChanged() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                guard case .held = state.phase else { return false }
                state.waiting.append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }

    /// Begins the next round; writes that come are part of a later one, unless this is the last.
    func beginRound() -> Round {
        let (isLast, aside) = state.withLock { state -> (Bool, HeadTable?) in
            guard case .aside(let heads) = state.phase else { return (true, nil) }
            let arrived = arrivals.load(ordering: .sequentiallyConsistent)
            state.rounds += 1
            defer { state.arrivalsBefore = arrived }
            guard
                arrived - state.arrivalsBefore <= Self.fewBatches
                    || state.rounds >= Self.maximumRounds
            else { return (false, heads) }
            state.phase = .held
            return (true, heads)
        }
        // A write that has these heads already asks for others.
        if isLast { aside?.close() }
        let isEmpty = arrivals.load(ordering: .sequentiallyConsistent) == 0
        return Round(isLast: isLast, isEmpty: isEmpty)
    }

    /// Sends writes to the heads that stay, those that wait first.
    func open() { leave(to: .open) }

    /// Refuses writes from now on, those that wait too.
    func fail(_ cause: String) { leave(to: .failed(cause: cause)) }

    private func leave(to phase: Phase) {
        let waiting = state.withLock { state in
            state.phase = phase
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
