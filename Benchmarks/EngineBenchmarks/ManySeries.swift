/// So many series that labels and groups matter: 100,000 at one step, 10,000 at a thousand.
enum ManySeries {
    static func register() {
        // Expected a series: 60 samples at 4 ns; then 20 ns to count it, 0.5 µs to find its group,
        // 0.3 µs to write its value as a label, 50 ns to compare it with the tenth of the largest.
        oneStep("count", "count(requests)")
        oneStep("sum by", "sum by (job) (requests)")
        oneStep("count_values", #"count_values("value", requests)"#)
        oneStep("topk", "topk(10, requests)")
        oneStep("topk by", "topk by (job) (100, requests)")
        thousandSteps()
    }

    private static func oneStep(_ name: String, _ query: String) {
        measureQuery("100 k series x 1 step, \(name)") {
            try QueryFixture(
                query,
                at: .instant,
                over: NumberedSeries.generators("requests", count: 100_000, .choice(1000)),
                samplesPerChunk: 60
            )
        }
    }

    /// Expected: 4 ns a sample to decode, 2.5 to go over it; 5 ns a point.
    private static func thousandSteps() {
        measureQuery("10 k series x 1 k steps, sum(rate)") {
            try QueryFixture(
                "sum(rate(requests_total[5m]))",
                at: .range(999 * 60, step: 60),
                over: NumberedSeries.generators("requests_total", count: 10_000, .counter(20)),
                interval: 60_000
            )
        }
    }
}
