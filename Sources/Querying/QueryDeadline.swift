internal import Synchronization

/// Ends a query: set by the clock, or by a client that went away.
final class QueryDeadline: Sendable {
    private let end: ContinuousClock.Instant
    private let isCancelled = Atomic(false)

    init(timeout: Duration) { end = ContinuousClock.now + timeout }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

    var isOver: Bool { ContinuousClock.now >= end }

    var remaining: Duration { end - ContinuousClock.now }
}
