import Benchmark
import Glibc

/// Adds a benchmark whose iterations do a thousand pieces of work; the figures are for one of them.
///
/// A piece is what the name says; a thousand samples take as many µs as one takes ns. CPU time is
/// what to compare, as it hardly depends on the machine's load; the runner's own counts ticks of
/// 10 ms, so the thread's clock is read here.
/// - Parameters:
///   - body: One iteration.
///   - setup: Runs once, before the first iteration, and is not measured.
func measure<Fixture>(
    _ name: String,
    _ body: @escaping (Benchmark, Fixture) throws -> Void,
    setup: @escaping () throws -> Fixture
) {
    let cpuTime = BenchmarkMetric.custom("Time (CPU of the thread) (ns)")
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput, .instructions, cpuTime],
        timeUnits: .nanoseconds,
        units: [cpuTime: .count],
        warmupIterations: 2,
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )
    Benchmark(name, configuration: configuration) { (benchmark, fixture: Fixture) in
        let start = threadTime()
        try body(benchmark, fixture)
        benchmark.measurement(cpuTime, threadTime() - start)
    } setup: {
        try setup()
    }
}

/// CPU time of this thread so far, in nanoseconds.
private func threadTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
