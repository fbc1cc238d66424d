/// A thousand series of native histograms with 20 buckets, an hour at a step a minute.
///
/// Expected: 100 ns a sample to decode its 20 buckets; a point 300 ns, as two histograms are subtracted and
/// their ten arrays made, and 50 ns to add it up or find the quantile.
enum NativeHistograms {
    static func register() {
        measure("rate", "rate(latency_seconds[5m])")
        measure("quantile of rate", "histogram_quantile(0.99, rate(latency_seconds[5m]))")
        measure(
            "quantile of sum by of rate",
            "histogram_quantile(0.99, sum by (job) (rate(latency_seconds[5m])))"
        )
        measure("count of sum of rate", "histogram_count(sum(rate(latency_seconds[5m])))")
    }

    private static func measure(_ name: String, _ query: String) {
        measureQuery("1 k native histograms, \(name)") {
            try QueryFixture(
                query,
                at: .range(3600, step: 60),
                over: NumberedSeries.generators(
                    "latency_seconds",
                    count: 1000,
                    .histogram(rate: 20, bucketCount: 20)
                )
            )
        }
    }
}
