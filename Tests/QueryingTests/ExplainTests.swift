import ClusterInterface
import MetricsModel
import PromQL
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct ExplainTests {
    private static let start: Int64 = 1_700_000_000_000

    /// Four series with a sample every 15 s.
    private static func series(_ steps: Range<Int>) -> [MemoryIngester.Series] {
        (0..<4).map { number in
            MemoryIngester.Series(
                labels: ["__name__": "requests_total", "pod": "\(number)"],
                samples: steps.map { (start + Int64($0) * 15_000, Double($0)) }
            )
        }
    }

    /// The first hundred samples in a block, the next hundred in two replicas.
    private static func querier() throws -> (querier: Querier, store: MemoryStore) {
        let store = MemoryStore()
        try store.add(.anonymous, series(0..<100))
        let replicas = ["a", "b"].map {
            MemoryIngester(name: $0, data: [.anonymous: series(100..<200)])
        }
        return (Querier(FixedDirectory(ingesters: replicas), store), store)
    }

    private static func request(_ text: String) -> QueryRequest {
        QueryRequest(text, at: start, to: start + 200 * 15_000, step: 60_000)
    }

    @Test func `estimates come near the truth without reading a sample`() async throws {
        let (querier, store) = try Self.querier()
        let tree = try await querier.explain(Self.request("sum(requests_total{pod!=\"3\"})"))
        let estimate = try #require(tree.estimates.first)
        #expect(tree.estimates.count == 1)
        #expect(estimate.seriesCount == 3)
        #expect(!estimate.isUpperBound)
        #expect(estimate.storedSampleCount == 300)
        #expect(estimate.storedSize > 0)
        #expect(estimate.recentSeriesCount == 3)
        let recent = try #require(estimate.recentSampleCount)
        #expect((290...320).contains(recent))
        // The directory and the labels; a query reads columns on top.
        let reads = store.reads.count
        _ = try await querier.query(Self.request("requests_total{pod!=\"3\"}"))
        #expect(store.reads.count > reads)
    }

    @Test func `without blocks nobody knows how many samples ingesters hold`() async throws {
        let ingester = MemoryIngester(data: [.anonymous: Self.series(0..<10)])
        let querier = Querier(FixedDirectory(ingesters: [ingester]))
        let tree = try await querier.explain(Self.request("requests_total + nothing"))
        #expect(tree.estimates.map(\.seriesCount) == [4, 0])
        #expect(tree.estimates.map(\.sampleCount) == [nil, 0])
    }

    @Test func `queries that are wrong are not explained`() async throws {
        let (querier, _) = try Self.querier()
        await #expect(throws: QueryError.self) {
            try await querier.explain(Self.request("sum("))
        }
    }

    @Test func `a trace tells the work of each fetch and node`() async throws {
        let (querier, _) = try Self.querier()
        var request = Self.request("sum(rate(requests_total[1m]))")
        let plain = try await querier.query(request)
        #expect(plain.trace == nil)
        request.isTraced = true
        let result = try await querier.query(request)
        #expect(result.text == plain.text)
        let trace = try #require(result.trace)
        #expect(trace.tree.estimates.map(\.seriesCount) == [4])
        let fetch = try #require(trace.fetches.first)
        #expect(trace.fetches.count == 1)
        #expect(fetch.seriesCount == 4)
        #expect(fetch.samplesRead == result.statistics.samplesRead)
        #expect(fetch.size > 0)
        #expect(fetch.time > .zero)
        #expect(trace.nodes[trace.tree.root.sourceRange]?.samplesRead == fetch.samplesRead)
    }

    @Test func `timings add up`() async throws {
        let (querier, _) = try Self.querier()
        var request = Self.request("requests_total")
        request.countsSteps = true
        let statistics = try await querier.query(request).statistics
        let timings = statistics.timings
        #expect(timings.queryPreparation > .zero)
        #expect(timings.innerEval > .zero)
        #expect(
            timings.evalTotal
                == timings.queryPreparation + timings.innerEval + timings.resultSort
        )
        #expect(timings.execTotal == timings.evalTotal + timings.execQueue)
        #expect(statistics.totalQueryableSamplesPerStep.count == 51)
        #expect(
            statistics.totalQueryableSamplesPerStep.reduce(0) { $0 + $1.count }
                == statistics.totalQueryableSamples
        )
    }
}
