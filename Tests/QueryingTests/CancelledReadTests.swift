import ClusterInterface
import MetricsModel
import PromQL
import Synchronization
import Testing

@testable import Querying

/// Reading of blocks for a query that has ended.
@Suite struct CancelledReadTests {
    private static let all = SelectRequest(tenant: .anonymous, matchers: [], range: .all)

    @Test func `a long series in a block is read no farther than a column`() async throws {
        let store = MemoryStore()
        let times = (0..<100_000).map { Int64($0) * 1000 }
        try store.add(
            number: 1,
            [
                (
                    labels: ["__name__": "m"] as Labels,
                    samples: SampleColumns(timestamps: times, values: times.map { Double($0) })
                )
            ]
        )
        let reader = BlockReader(store: store, cacheSize: 1 << 20, workers: SerialWorkers())
        let asked = Atomic(0)
        let gathered = GatheredSeries(
            stored: try await reader.select(Self.all, memory: .unbounded(), check: {}),
            recent: [],
            seed: TenantSeed(.anonymous),
            range: .all,
            isCancelled: { asked.wrappingAdd(1, ordering: .relaxed).newValue == 3 }
        )
        var columns = SampleColumns()
        do {
            try gathered.read(0, into: &columns)
            Issue.record("it was read to its end")
        } catch QueryError.cancelled {
            #expect(asked.load(ordering: .relaxed) == 3)
        }
        // Whoever is not cancelled gets all of it, from the same pages.
        try gathered.read(0, into: &columns)
        #expect(columns.timestamps == times)
    }

    @Test func `pages are not opened any more, and those that are give no answer`() async throws {
        let store = MemoryStore()
        for number in 1...8 as ClosedRange<UInt64> {
            let one = SampleColumns(timestamps: [1], values: [1])
            try store.add(number: number, [(labels: ["n": "\(number)"] as Labels, samples: one)])
        }
        let workers = CountingWorkers()
        let reader = BlockReader(store: store, cacheSize: 0, workers: workers)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await reader.series(Self.all)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(workers.calls.load(ordering: .relaxed) == 8)
        #expect(try await reader.series(Self.all).count == 8)
    }

    /// Counts what it is given to do.
    private final class CountingWorkers: EvaluationWorkers {
        let calls = Atomic(0)

        var count: Int { 1 }

        func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
            for index in 0..<count {
                calls.wrappingAdd(1, ordering: .relaxed)
                body(index)
            }
        }
    }
}
