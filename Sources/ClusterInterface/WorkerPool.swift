/// Threads for long computations, so that they do not hold up the threads that answer requests.
public protocol WorkerPool: Sendable {
    /// Runs the work on one of the pool's threads; throws what it throws, or `CancellationError` where the pool
    /// has been stopped.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value
}
