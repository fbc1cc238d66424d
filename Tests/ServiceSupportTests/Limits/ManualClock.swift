import Synchronization

/// A clock that stands still until a test moves it; one task sleeps on it at a time.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration = .zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        func duration(to other: Instant) -> Duration { other.offset - offset }

        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant()
        var sleeper: Sleeper?
        var isCancelled = false
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }

    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if !state.isCancelled {
                        state.sleeper = Sleeper(deadline: deadline, continuation: continuation)
                    }
                    return state.isCancelled
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                state.isCancelled = true
                defer { state.sleeper = nil }
                return state.sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves on, and waits until whoever was woken has done its work and sleeps again.
    func advance(by duration: Duration) async {
        await waitForSleeper()
        let sleeper = state.withLock { state -> Sleeper? in
            state.now = state.now.advanced(by: duration)
            guard let sleeper = state.sleeper, sleeper.deadline <= state.now else { return nil }
            state.sleeper = nil
            return sleeper
        }
        sleeper?.continuation.resume()
        await waitForSleeper()
    }

    /// A test's time limit ends it.
    private func waitForSleeper() async {
        while state.withLock({ $0.sleeper == nil && !$0.isCancelled }), !Task.isCancelled {
            await Task.yield()
        }
    }
}
