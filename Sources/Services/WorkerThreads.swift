internal import ClusterInterface
internal import NIOPosix

/// Threads for long computations, one for each core.
struct WorkerThreads: WorkerPool {
    private let threads: NIOThreadPool

    init(count: Int) {
        threads = NIOThreadPool(numberOfThreads: max(1, count))
        threads.start()
    }

    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await threads.runIfActive(work)
    }

    func stop() async throws { try await threads.shutdownGracefully() }
}
