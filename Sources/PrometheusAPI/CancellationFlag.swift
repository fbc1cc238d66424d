internal import Synchronization

/// Carries a task's cancellation to a thread that works for it.
public final class CancellationFlag: Sendable {
    private let state = Atomic(false)

    public init() {}

    public var isCancelled: Bool { state.load(ordering: .relaxed) }

    public func cancel() { state.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` once the task was cancelled.
    func check() throws {
        if isCancelled { throw CancellationError() }
    }
}
