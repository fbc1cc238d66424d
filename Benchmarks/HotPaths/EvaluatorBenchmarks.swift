import Benchmark
import Measuring
import MetricsModel
import PromQL

/// Range queries of 1000 series over 250 steps, the samples being at hand.
///
/// A point is the value of one series at one step; an iteration evaluates four times, which makes
/// a million points.
enum EvaluatorBenchmarks {
    static func register() {
        evaluate(
            "rate",
            "rate(http_requests_total[5m])",
            resultCount: 1000
        )
        evaluate(
            "sum by (rate)",
            "sum by (job) (rate(http_requests_total[5m]))",
            resultCount: SyntheticSeries.jobCount
        )
        evaluate(
            "sum by",
            "sum by (job) (http_requests_total)",
            resultCount: SyntheticSeries.jobCount
        )
        evaluate(
            "max_over_time",
            "max_over_time(http_requests_total[5m])",
            resultCount: 1000
        )
    }

    /// Evaluates one query over windows of twenty samples, one minute apart.
    ///
    /// Expected a point: `rate` 25 ns, as each window is read for resets; `sum by` of it 3 ns more;
    /// `sum by` alone 10 ns, for finding the sample of each step; `max_over_time` 20 ns.
    private static func evaluate(_ name: String, _ text: String, resultCount: Int) {
        measure("PromQL: \(name), per 1000 points") { (benchmark, fixture: EvaluatorFixture) in
            for _ in 0..<4 {
                let count = try fixture.evaluate()
                if count != resultCount { benchmark.error("\(count) series") }
            }
        } setup: {
            try EvaluatorFixture(text)
        }
    }
}

/// A plan and the samples it asks for.
private struct EvaluatorFixture {
    private static let stepCount = 250
    private static let step: Int64 = 60_000

    private let plan: QueryPlan
    private let series: [SeriesSamples]

    init(_ text: String) throws {
        // The first window has all its samples.
        let start = Workload.start + 300_000
        let end = start + Int64(Self.stepCount - 1) * Self.step
        plan = try QueryPlan(
            expression: Parser.parse(text),
            text: text,
            parameters: QueryParameters(start: start, end: end, step: Self.step)
        )
        var generator = SeededGenerator(seed: 6)
        let timestamps = Workload.timestamps(
            count: Int((end - Workload.start) / Workload.interval) + 1
        )
        series = (0..<1000).map { pod in
            var total = 0.0
            return SeriesSamples(
                labels: SyntheticSeries.labels(metric: "http_requests_total", pod: pod),
                timestamps: timestamps,
                values: timestamps.map { _ in
                    total += Double(Int.random(in: 0...20, using: &generator))
                    return total
                }
            )
        }.sorted { $0.labels < $1.labels }
    }

    /// Returns how many series the result has.
    func evaluate() throws -> Int {
        let result = try Evaluator.evaluate(plan, data: [series])
        blackHole(result)
        guard case .matrix(let series) = result.value else { return 0 }
        return series.count
    }
}
