import Benchmark
import Measuring

/// Adds a benchmark whose iterations do a thousand pieces of work; the figures are for one of them.
///
/// A piece is what the name says; a thousand samples take as many µs as one takes ns. CPU time is
/// what to compare, as it hardly depends on the machine's load.
/// - Parameters:
///   - body: One iteration.
///   - setup: Runs once, before the first iteration, and is not measured.
func measure<Fixture>(
    _ name: String,
    _ body: @escaping (Benchmark, Fixture) throws -> Void,
    setup: @escaping () throws -> Fixture
) {
    let cpuTime = BenchmarkMetric.custom("Time (CPU of the thread) (ns)")
    let allocations = BenchmarkMetric.custom("Allocations of the thread")
    let instructions = InstructionCount(name)
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput, .instructions, cpuTime, allocations],
        timeUnits: .nanoseconds,
        units: [cpuTime: .count, allocations: .count],
        warmupIterations: 2,
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )
    Benchmark(name, configuration: configuration) { (benchmark, fixture: Fixture) in
        let start = ThreadCost.soFar
        try instructions.measure { try body(benchmark, fixture) }
        let cost = ThreadCost.soFar - start
        benchmark.measurement(cpuTime, cost.cpuTime)
        benchmark.measurement(allocations, cost.allocationCount)
    } setup: {
        try setup()
    }
}
