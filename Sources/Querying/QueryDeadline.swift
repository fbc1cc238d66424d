internal import Synchronization

/// Ends a query: set by the clock, or by a client that went away.
final class QueryDeadline: Sendable {
    let end: ContinuousClock.Instant
    private let isCancelled = Atomic(false)
    private let isExpired = Atomic(false)

    init(timeout: Duration) { end = ContinuousClock.now + timeout }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

    var isOver: Bool { ContinuousClock.now >= end }

    /// Says that the query was ended because its time is over.
    func expire() { isExpired.store(true, ordering: .relaxed) }

    var hasExpired: Bool { isExpired.load(ordering: .relaxed) }
}
