internal import ClusterInterface
internal import NIOConcurrencyHelpers
internal import NIOPosix
internal import PromQL
internal import Synchronization

/// Threads for long computations, one for each core.
struct WorkerThreads: WorkerPool, EvaluationWorkers {
    private let threads: NIOThreadPool
    let count: Int

    init(count: Int) {
        self.count = max(1, count)
        threads = NIOThreadPool(numberOfThreads: self.count)
        threads.start()
    }

    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await threads.runIfActive(work)
    }

    func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let run = SharedRun(count, body)
        for _ in 1..<max(1, min(self.count, count)) {
            threads.submit { state in
                if case .active = state { run.help() }
            }
        }
        run.help()
        run.waitForHelpers()
    }

    func stop() async throws { try await threads.shutdownGracefully() }
}

/// Calls of one body that several threads share.
///
/// The caller works through all calls that nobody else has taken, so that it never waits for a thread that
/// has not begun: with all threads busy it does the work alone.
private final class SharedRun: Sendable {
    private let count: Int
    private let body: @Sendable (Int) -> Void
    private let next = Atomic(0)
    /// Threads that are inside ``help()``; the caller's own is not among them while it waits.
    private let helpers = Mutex(0)
    private let idle = ConditionLock(value: 0)

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.body = body
    }

    func help() {
        guard next.load(ordering: .relaxed) < count else { return }
        change(by: 1)
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { break }
            body(index)
        }
        change(by: -1)
    }

    /// Waits until all calls have returned; no more are left to be taken.
    func waitForHelpers() {
        idle.lock(whenValue: 0)
        idle.unlock()
    }

    private func change(by difference: Int) {
        helpers.withLock { helpers in
            helpers += difference
            idle.lock()
            idle.unlock(withValue: helpers == 0 ? 0 : 1)
        }
    }
}
