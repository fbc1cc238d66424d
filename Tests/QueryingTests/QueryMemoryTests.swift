import ClusterInterface
import MetricsModel
import PromQL
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct QueryMemoryTests {
    private let store = MemoryStore()
    private let ingesters: FixedDirectory

    init() throws {
        let series = (0..<50).map { number in
            MemoryIngester.Series(
                labels: ["__name__": "m_total", "n": "\(number)"],
                samples: (0..<100).map { (Int64($0) * 1000, Double($0 * number)) }
            )
        }
        try store.add(.anonymous, Array(series[0..<25]))
        ingesters = FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: series])])
    }

    private let request = QueryRequest("rate(m_total[10s])", at: 0, to: 99_000, step: 1000)

    @Test(arguments: [0, 1, 2000, 10_000, 50_000])
    func `a query over its limit is refused and told what it needed`(limit: Int) async throws {
        let querier = Querier(ingesters, store) { $0.maximumQueryMemory = limit }
        let error = try #require(await exceeded(querier))
        #expect(error.name == "querier.maxQueryMemory")
        #expect(error.limit == limit)
        #expect(error.needed > limit)
        #expect("\(QueryError.evaluation(.outOfMemory(error)))".contains("\(error.needed) bytes"))
        await eventually { querier.memory.current == 0 }
    }

    @Test func `a query that fits is answered, and gives all back`() async throws {
        let querier = Querier(ingesters, store) { $0.maximumQueryMemory = 1 << 20 }
        for _ in 0..<5 {
            let result = try await querier.query(request)
            #expect(!result.text.isEmpty)
            await eventually { querier.memory.current == 0 }
        }
        #expect(querier.memory.peak > 10_000)
    }

    @Test func `a query that fails gives all back`() async throws {
        let querier = Querier(ingesters, store)
        let duplicates = QueryRequest("label_replace(m_total, \"n\", \"\", \"\", \"\")", at: 0)
        await #expect(throws: QueryError.self) { _ = try await querier.query(duplicates) }
        await eventually { querier.memory.current == 0 }
        #expect(querier.memory.peak > 0)
        store.fail(with: .unavailable("gone"))
        await #expect(throws: QueryError.self) { _ = try await querier.query(request) }
        await eventually { querier.memory.current == 0 }
    }

    @Test func `a query that is cancelled while it is evaluated gives all back`() async throws {
        let workers = PatientWorkers()
        let querier = Querier(
            settings: QueryingSettings(),
            directory: ingesters,
            store: store,
            workers: workers
        )
        let task = Task { _ = try await querier.query(request) }
        await eventually { !workers.calls.all.isEmpty }
        #expect(querier.memory.current > 0)
        task.cancel()
        guard case .failure(QueryError.cancelled) = await task.result else {
            Issue.record("\(await task.result)")
            return
        }
        await eventually { querier.memory.current == 0 }
    }

    @Test func `all queries together have a limit too`() async throws {
        let querier = Querier(ingesters, store) { $0.maximumMemory = 1 << 20 }
        do {
            let other = MemoryAccount(name: "other", limit: .max, parent: querier.memory)
            try other.charge((1 << 20) - 1000)
            let error = try #require(await exceeded(querier))
            #expect(error.name == "querier.maxMemory")
            #expect(error.limit == 1 << 20)
            await eventually { querier.memory.current == (1 << 20) - 1000 }
        }
        #expect(try await !querier.query(request).text.isEmpty)
        await eventually { querier.memory.current == 0 }
    }

    private func exceeded(_ querier: Querier) async -> MemoryLimitExceeded? {
        let error = await #expect(throws: QueryError.self) { _ = try await querier.query(request) }
        guard case .evaluation(.outOfMemory(let exceeded)) = error else {
            Issue.record("\(String(describing: error))")
            return nil
        }
        return exceeded
    }
}

/// Begins the work when the caller has given up.
private struct PatientWorkers: WorkerPool {
    let calls = CallList()

    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        calls.add("run")
        await eventually { false }
        return try work()
    }
}
