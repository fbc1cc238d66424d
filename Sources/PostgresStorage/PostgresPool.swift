import ClusterInterface
import Glibc
import Synchronization

/// A few threads with a connection each, for calls that block.
///
/// Swift's own threads, one for each core, must never wait for a database.
final class PostgresPool: Sendable {
    private let queue = WorkQueue()
    private let threads: BlockingThreads
    private let settings: PostgresSettings

    init(url: String, settings: PostgresSettings) {
        let backoff = SharedBackoff()
        self.settings = settings
        threads = BlockingThreads(count: max(1, settings.connectionCount)) { [queue] in
            let worker = PostgresWorker(url: url, settings: settings, backoff: backoff)
            while let job = queue.next() { job.run(worker) }
        }
    }

    deinit { queue.close(threadCount: threads.count) }

    /// Runs `work` on one of the threads.
    ///
    /// It is dropped if the task is cancelled before its turn.
    ///
    /// - Throws: what `work` throws, `CancellationError`, and ``StoreError/unavailable(_:)`` where no connection
    ///   came free within ``PostgresSettings/maximumWait``.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable (PostgresWorker) throws(StoreError) -> Value
    ) async throws -> Value {
        let id = try queue.reserve()
        async let _: Void = giveUp(id, after: settings.maximumWait)
        return try await withCheckedThrowingContinuation { continuation in
            let job = WorkQueue.Job(
                run: { worker in
                    do throws(StoreError) {
                        continuation.resume(returning: try work(worker))
                    } catch {
                        continuation.resume(throwing: error)
                    }
                },
                fail: { continuation.resume(throwing: $0) }
            )
            queue.handIn(job, for: id)
        }
    }

    /// Ends the threads, after what they are doing; what waits fails.
    func close() async {
        queue.close(threadCount: threads.count)
        await threads.waitUntilEnded()
    }

    /// Also called off when the work is done, and does nothing then.
    private func giveUp(_ id: UInt64, after wait: Duration) async {
        do {
            try await Task.sleep(for: wait)
            queue.giveUp(id, StoreError.unavailable("no connection came free within \(wait)"))
        } catch {
            queue.giveUp(id, error)
        }
    }
}
