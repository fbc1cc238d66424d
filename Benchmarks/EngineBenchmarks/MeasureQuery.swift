import Benchmark
import Measuring

/// Adds a benchmark that evaluates one query.
///
/// Beside the time of an evaluation stands what it makes for each sample that is decoded and for each point:
/// a series at a step. What goes through subqueries or windows counts once.
/// - Parameter setup: Runs once, before the first iteration, and is not measured.
func measureQuery(_ name: String, setup: @escaping () throws -> QueryFixture) {
    let metrics = QueryMetrics()
    let instructions = InstructionCount(name)
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput, .instructions] + metrics.all,
        units: Dictionary(uniqueKeysWithValues: metrics.all.map { ($0, .count) }),
        warmupIterations: 1,
        maxDuration: .milliseconds(1500)
    )
    Benchmark("Engine: \(name)", configuration: configuration) {
        (benchmark, fixture: QueryFixture) in
        let start = ThreadCost.soFar
        let count = try instructions.measure("\(fixture.sampleCount)|\(fixture.pointCount)") {
            try fixture.evaluate()
        }
        let cost = ThreadCost.soFar - start
        metrics.record(cost, of: fixture, in: benchmark)
        if count != fixture.resultCount {
            benchmark.error("\(count) elements instead of \(fixture.resultCount)")
        }
    } setup: {
        try setup()
    }
}

/// What is measured of an evaluation beside its wall time and instructions.
private struct QueryMetrics {
    private let cpuTime = BenchmarkMetric.custom("CPU (µs)")
    private let perSample = BenchmarkMetric.custom("CPU a sample (ps)")
    private let perPoint = BenchmarkMetric.custom("CPU a point (ps)")
    private let samplesPerSecond = BenchmarkMetric.custom(
        "Samples a second of CPU",
        polarity: .prefersLarger
    )
    private let allocations = BenchmarkMetric.custom("Allocations")
    private let allocatedBytes = BenchmarkMetric.custom("Allocated bytes")

    var all: [BenchmarkMetric] {
        [cpuTime, perSample, perPoint, samplesPerSecond, allocations, allocatedBytes]
    }

    func record(_ cost: ThreadCost, of fixture: QueryFixture, in benchmark: Benchmark) {
        benchmark.measurement(cpuTime, cost.cpuTime / 1000)
        benchmark.measurement(perSample, cost.cpuTime * 1000 / fixture.sampleCount)
        benchmark.measurement(perPoint, cost.cpuTime * 1000 / fixture.pointCount)
        benchmark.measurement(
            samplesPerSecond,
            fixture.sampleCount * 1_000_000_000 / max(1, cost.cpuTime)
        )
        benchmark.measurement(allocations, cost.allocationCount)
        benchmark.measurement(allocatedBytes, cost.allocatedBytes)
    }
}
