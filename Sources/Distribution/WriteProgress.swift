internal import Synchronization

/// The answers to one request as they come in, and the request that waits for its outcome.
final class WriteProgress: Sendable {
    private struct State {
        var quorum: QuorumWrite
        /// Targets that have not answered.
        var outstanding: Int
        /// Whether the request was answered while replicas were outstanding.
        var isInBackground = false
        /// Whether the request may be answered.
        var isReleased = false
        var waiter: CheckedContinuation<Void, Never>?
        /// Of the first replica that failed.
        var cause = ""
    }

    private let state: Mutex<State>
    private let background: BackgroundWrites

    init(quorum: QuorumWrite, targetCount: Int, background: BackgroundWrites) {
        state = Mutex(State(quorum: quorum, outstanding: targetCount))
        self.background = background
    }

    var result: (outcome: QuorumWrite.Outcome, cause: String) {
        state.withLock { ($0.quorum.outcome, $0.cause) }
    }

    /// - Parameter cause: Why the target failed.
    func record(_ answer: QuorumWrite.Answer, from target: Int, cause: String = "") {
        let (waiter, endsBackground) = state.withLock { state in
            state.quorum.record(answer, from: target)
            if state.cause.isEmpty { state.cause = cause }
            state.outstanding -= 1
            let endsBackground = state.isInBackground
            release(&state)
            defer { if state.isReleased { state.waiter = nil } }
            return (state.isReleased ? state.waiter : nil, endsBackground)
        }
        if endsBackground { background.end() }
        waiter?.resume()
    }

    /// Returns once the outcome is certain, and either all replicas have answered or there is room to let
    /// the others finish in the background.
    func waitForOutcome() async {
        await withCheckedContinuation { continuation in
            let isReleased = state.withLock { state in
                if !state.isReleased { state.waiter = continuation }
                return state.isReleased
            }
            if isReleased { continuation.resume() }
        }
    }

    private func release(_ state: inout State) {
        guard !state.isReleased, state.quorum.outcome != .waiting else { return }
        if state.outstanding > 0 {
            guard background.begin(state.outstanding) else { return }
            state.isInBackground = true
        }
        state.isReleased = true
    }
}

/// Counts replica writes that go on after their request was answered, up to a bound.
final class BackgroundWrites: Sendable {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Takes room for some writes, or refuses.
    func begin(_ writes: Int) -> Bool {
        state.withLock { state in
            guard state.count + writes <= limit else { return false }
            state.count += writes
            return true
        }
    }

    /// One write has ended.
    func end() {
        let waiters = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func waitUntilNone() async {
        await withCheckedContinuation { continuation in
            let isNone = state.withLock { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if isNone { continuation.resume() }
        }
    }
}
