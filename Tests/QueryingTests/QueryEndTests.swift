import MetricsModel
import PromQL
import Testing

@testable import Querying

/// How queries end that do not come to their own end.
@Suite(.timeLimit(.minutes(1))) struct QueryEndTests {
    private let calls = CallList()

    private var hanging: FixedDirectory {
        FixedDirectory(ingesters: [
            MemoryIngester(name: "slow", mood: .hanging, calls: calls)
        ])
    }

    @Test func `a query ends when its time is over`() async throws {
        let querier = Querier(hanging) { $0.timeout = 20 }
        await expect(.timeout, of: Task { _ = try await querier.query(QueryRequest("up", at: 0)) })
    }

    @Test func `a request can shorten its time`() async throws {
        let querier = Querier(hanging)
        let request = QueryRequest("up", at: 0, timeout: 20)
        await expect(.timeout, of: Task { _ = try await querier.query(request) })
    }

    @Test func `a request cannot prolong its time`() async throws {
        let querier = Querier(hanging) { $0.timeout = 20 }
        let request = QueryRequest("up", at: 0, timeout: 3_600_000)
        await expect(.timeout, of: Task { _ = try await querier.query(request) })
    }

    @Test func `metadata ends in time too`() async throws {
        let querier = Querier(hanging) { $0.timeout = 20 }
        await expect(
            .timeout,
            of: Task {
                _ = try await querier.labelNames(
                    of: TenantSet(.anonymous),
                    matching: [],
                    in: .all
                )
            }
        )
    }

    @Test func `a cancelled query ends as cancelled`() async throws {
        let querier = Querier(hanging)
        for _ in 0..<20 {
            let before = calls.all.count
            let task = Task { _ = try await querier.query(QueryRequest("up", at: 0)) }
            await eventually { calls.all.count > before }
            task.cancel()
            await expect(.cancelled, of: task)
        }
    }

    @Test func `a query that is cancelled before it begins ends as cancelled`() async throws {
        let querier = Querier(hanging)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            _ = try await querier.query(QueryRequest("up", at: 0))
        }
        task.cancel()
        await expect(.cancelled, of: task)
    }

    @Test func `waiting for a place is part of the time`() async throws {
        let querier = Querier(hanging) { $0.maximumConcurrent = 1 }
        let first = Task { _ = try await querier.query(QueryRequest("up", at: 0)) }
        await eventually { !calls.all.isEmpty }
        let second = QueryRequest("up", at: 0, timeout: 20)
        await expect(.timeout, of: Task { _ = try await querier.query(second) })
        #expect(calls.all.count == 1)
        first.cancel()
        await expect(.cancelled, of: first)
    }

    @Test func `one query too many is refused`() async throws {
        let querier = Querier(hanging) {
            $0.maximumConcurrent = 1
            $0.maximumWaiting = 0
        }
        let first = Task { _ = try await querier.query(QueryRequest("up", at: 0)) }
        await eventually { !calls.all.isEmpty }
        await expect(
            .tooManyWaiting,
            of: Task { _ = try await querier.query(QueryRequest("up", at: 0)) }
        )
        first.cancel()
        await expect(.cancelled, of: first)
    }

    private enum End {
        case timeout
        case cancelled
        case tooManyWaiting
    }

    private func expect(_ end: End, of task: Task<Void, any Error>) async {
        switch (end, await task.result) {
        case (.timeout, .failure(QueryError.timeout(let text))):
            #expect(text == "query timed out in query execution")
        case (.cancelled, .failure(QueryError.cancelled)): break
        case (.tooManyWaiting, .failure(QueryError.tooManyWaiting(limit: 0))): break
        case (_, let result): Issue.record("\(result) instead of \(end)")
        }
    }
}
