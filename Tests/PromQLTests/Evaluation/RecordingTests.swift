import MetricsModel
import Synchronization
import Testing

@testable import PromQL

@Suite struct RecordingTests {
    /// Ten series with a sample every 10 s from 0 to 990 s.
    private static let series = (0..<10).map { number in
        SeriesSamples(
            labels: ["__name__": "metric", "n": "\(number)"],
            timestamps: (0..<100).map { Int64($0) * 10_000 },
            values: (0..<100).map { Double($0 * number) }
        )
    }

    private static func evaluate(
        _ query: String,
        _ parameters: QueryParameters,
        _ recording: EvaluationControl.Recording
    ) throws -> QueryResult {
        let plan = try QueryPlan(
            expression: try Parser.parse(query, features: .all),
            text: query,
            parameters: parameters
        )
        let ticks = Atomic(0)
        return try Evaluator.evaluate(
            plan,
            data: plan.selectors.map { selector in
                series.filter { selector.matchers.allMatch($0.labels) }
            },
            control: EvaluationControl(
                recording: recording,
                now: { .seconds(ticks.wrappingAdd(1, ordering: .relaxed).newValue) },
                stopReason: { nil }
            )
        )
    }

    private static let range = QueryParameters(start: 100_000, end: 130_000, step: 10_000)

    @Test(arguments: [
        ("metric{n=\"1\"}", [1, 1, 1, 1], [11, 1, 1, 87]),
        ("sum(metric)", [10, 10, 10, 10], [110, 10, 10, 870]),
        ("rate(metric{n=\"1\"}[30s])", [3, 3, 3, 3], [11, 1, 1, 87]),
        ("metric{n=\"1\"} offset 95s", [1, 1, 1, 1], [1, 1, 1, 97]),
        // What is the same at all steps counts at each, and is read once.
        ("sum(sum_over_time(metric[30s] @ 50))", [30, 30, 30, 30], [1000, 0, 0, 0]),
        ("scalar(metric{n=\"1\"} @ 50) + metric{n=\"1\"}", [2, 2, 2, 2], [111, 1, 1, 87]),
        // A subquery's results count when windows pass over them.
        ("max_over_time(metric{n=\"1\"}[30s:10s])", [3, 3, 3, 3], [103, 1, 1, 1]),
        ("vector(1)", [0, 0, 0, 0], [0, 0, 0, 0]),
    ])
    func `samples are counted by step`(query: String, processed: [Int], read: [Int]) throws {
        let statistics = try Self.evaluate(query, Self.range, .steps).statistics
        #expect(statistics.totalQueryableSamplesPerStep.map(\.count) == processed)
        #expect(statistics.samplesReadPerStep.map(\.count) == read)
        #expect(
            statistics.samplesReadPerStep.map(\.timestamp)
                == [100, 110, 120, 130].map { $0 * 1000 }
        )
        #expect(statistics.totalQueryableSamples == processed.reduce(0, +))
        #expect(statistics.samplesRead == read.reduce(0, +))
        let unasked = try Self.evaluate(query, Self.range, []).statistics
        #expect(unasked.totalQueryableSamples == statistics.totalQueryableSamples)
        #expect(unasked.samplesRead == statistics.samplesRead)
        #expect(unasked.totalQueryableSamplesPerStep.isEmpty)
        #expect(unasked.samplesReadPerStep.isEmpty)
    }

    @Test func `an instant query has one step`() throws {
        let parameters = QueryParameters(time: 100_000)
        let statistics = try Self.evaluate("metric[1m]", parameters, .steps).statistics
        #expect(statistics.totalQueryableSamplesPerStep == [.init(timestamp: 100_000, count: 60)])
        #expect(statistics.samplesReadPerStep == [.init(timestamp: 100_000, count: 1000)])
    }

    @Test func `work is recorded with the node that did it`() throws {
        let query = "sum(rate(metric[1m])) + topk(1, metric)"
        let result = try Self.evaluate(query, Self.range, .nodes)
        let trace = try #require(result.trace)
        func work(_ node: PlanNode) -> QueryTrace.NodeWork? { trace.nodes[node.sourceRange] }
        let root = trace.tree.root
        let (sum, top) = (root.children[0], root.children[1])
        // The fold computes the elements that are streamed to it.
        #expect(work(sum)?.samplesRead == 1000)
        #expect(work(sum)?.elementCount == 1)
        #expect(work(sum.children[0])?.samplesRead == 0)
        #expect(work(sum.children[0])?.elementCount == 10)
        #expect(work(top)?.elementCount == 1)
        #expect(work(top)?.samplesRead == 0)
        #expect(work(top.children[1])?.samplesRead == 1000)
        #expect(work(top.children[1])?.elementCount == 10)
        #expect(trace.nodes.values.allSatisfy { $0.evaluationCount == 1 && $0.time > .zero })
        #expect(
            trace.nodes.values.reduce(0) { $0 + $1.samplesRead } == result.statistics.samplesRead
        )
        #expect(try Self.evaluate(query, Self.range, .steps).trace == nil)
    }

    @Test func `sorting the answer takes time of its own`() throws {
        #expect(
            try Self.evaluate("metric", Self.range, []).statistics.timings.resultSort == .seconds(1)
        )
    }
}
