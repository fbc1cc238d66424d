import Benchmark

/// All benchmarks; the runner calls this, and sets up only those that it runs.
let benchmarks: @Sendable () -> Void = {
    WriteRequestBenchmarks.register()
    RingBenchmarks.register()
    HeadBenchmarks.register()
    LogBenchmarks.register()
    ChunkBenchmarks.register()
    BlockBenchmarks.register()
    MatcherBenchmarks.register()
    ParserBenchmarks.register()
    EvaluatorBenchmarks.register()
}

/// The sizes that benchmarks have in common.
enum Workload {
    /// Series of a full request; each comes with one sample.
    static let requestSize = 2000
    /// Full requests in one iteration: a million samples.
    static let requestCount = 500
    /// Time of the first sample, ms: the start of a window of two hours.
    static let start: Int64 = 1_699_999_200_000
    /// Time between two samples of a series, ms.
    static let interval: Int64 = 15_000

    /// The times of a series' samples.
    static func timestamps(count: Int) -> [Int64] {
        (0..<Int64(count)).map { start + $0 * interval }
    }
}
