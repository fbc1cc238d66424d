import Benchmark

/// All benchmarks of the engine; the runner calls this, and sets up only those that it runs.
///
/// One iteration evaluates one planned query on one thread, decoding the series that it reads from their
/// chunks. Finding the series is not part of it.
let benchmarks: @Sendable () -> Void = {
    QueryShapes.register()
    SingleSeries.register()
    ManySeries.register()
    Subqueries.register()
    BinaryTrees.register()
    NativeHistograms.register()
}
