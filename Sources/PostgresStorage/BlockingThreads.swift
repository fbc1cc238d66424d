import Glibc
import Synchronization

/// Threads of the operating system, outside Swift's pool.
final class BlockingThreads: Sendable {
    let count: Int
    private let state: Mutex<State>

    private struct State {
        var running: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Starts `count` threads that each run `body` once.
    init(count: Int, _ body: @escaping @Sendable () -> Void) {
        self.count = count
        state = Mutex(State(running: count))
        for _ in 0..<count {
            let start = Unmanaged.passRetained(
                ThreadStart { [self] in
                    body()
                    end()
                }
            )
            var thread = pthread_t()
            let failure = pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
                    return nil
                },
                start.toOpaque()
            )
            precondition(failure == 0, "pthread_create failed with \(failure)")
            pthread_detach(thread)
        }
    }

    /// Returns once the last thread has left its body.
    func waitUntilEnded() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let hasEnded = state.withLock { state in
                if state.running > 0 { state.waiters.append(continuation) }
                return state.running == 0
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func end() {
        let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.running -= 1
            return state.running == 0 ? state.waiters : []
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// What a thread is handed at its start.
private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) { self.body = body }
}
