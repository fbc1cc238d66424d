internal import ClusterInterface
internal import Glibc

/// Threads that the kernel runs when the others leave it time.
struct BackgroundThreads: WorkerPool {
    private let threads: WorkerThreads

    /// Half the share of a thread of normal priority, and less.
    private static let niceness: Int32 = 10

    init(count: Int) { threads = WorkerThreads(count: count) }

    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await threads.run {
            // Of this thread alone: on Linux 0 is the thread that calls. A refusal costs nothing but fairness.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
            return try work()
        }
    }

    func stop() async throws { try await threads.stop() }
}
