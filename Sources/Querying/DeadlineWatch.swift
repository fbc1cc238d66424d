internal import Synchronization

/// Ends queries whose time is over.
///
/// One task sleeps for all of them, until the first deadline at the time when it was started: a timer of its own for
/// each query would cost more than a small query does.
final class DeadlineWatch: Sendable {
    private struct Query {
        let deadline: QueryDeadline
        let end: @Sendable () -> Void
    }

    private struct State {
        var nextID = 0
        var queries: [Int: Query] = [:]
        /// When the sleeping task wakes; nil if none sleeps.
        ///
        /// Tasks that wake later than this one find nothing to do.
        var wake: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Queries that are watched now.
    var count: Int { state.withLock { $0.queries.count } }

    /// Watches a query until it is removed.
    ///
    /// - Parameter end: Called once, if the deadline passes first.
    func add(_ deadline: QueryDeadline, end: @escaping @Sendable () -> Void) -> Int {
        let (id, isFirst) = state.withLock { state in
            state.nextID += 1
            state.queries[state.nextID] = Query(deadline: deadline, end: end)
            return (state.nextID, Self.isFirst(deadline.end, &state))
        }
        if isFirst { sleep(until: deadline.end) }
        return id
    }

    func remove(_ id: Int) { state.withLock { $0.queries[id] = nil } }

    /// Whether a task has to be started that wakes then.
    private static func isFirst(_ time: ContinuousClock.Instant, _ state: inout State) -> Bool {
        if let wake = state.wake, wake <= time { return false }
        state.wake = time
        return true
    }

    /// Not structured: it outlives the query that started it, and does nothing for a querier that is gone.
    private func sleep(until time: ContinuousClock.Instant) {
        Task.detached { [weak self] in
            try? await Task.sleep(until: time, clock: .continuous)
            self?.wake(from: time)
        }
    }

    private func wake(from time: ContinuousClock.Instant) {
        let now = max(time, ContinuousClock.now)
        let (over, next) = state.withLock { state in
            let over = state.queries.filter { $0.value.deadline.end <= now }
            for id in over.keys { state.queries[id] = nil }
            guard state.wake == time else { return (over, ContinuousClock.Instant?.none) }
            state.wake = state.queries.values.map(\.deadline.end).min()
            return (over, state.wake)
        }
        for query in over.values {
            query.deadline.expire()
            query.end()
        }
        if let next { sleep(until: next) }
    }
}
