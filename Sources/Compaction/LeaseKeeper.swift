internal import ClusterInterface

/// Renews a lease while work is done under it, and cancels the work once the lease is lost.
struct LeaseKeeper {
    let store: any LeaseStore
    let duration: Duration
    var clock: any Clock<Duration> = ContinuousClock()

    /// - Throws: what the work throws; ``StoreError/leaseLost(_:)``.
    func keep<Value: Sendable>(
        _ lease: Lease,
        during work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while true {
                    try await clock.sleep(for: duration / 3)
                    do {
                        try await store.renewLease(lease, lasting: duration)
                    } catch StoreError.unavailable {
                        // It may be back in time; if not, publishing is refused.
                    }
                }
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
