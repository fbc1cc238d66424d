/// One series with a million samples, a second apart, at 10,000 steps; and long windows of a hundred.
///
/// Nothing is shared among threads here, and nothing hides what a window costs.
enum SingleSeries {
    private static let times = QueryTimes.range(1_000_000 - 3600, step: 100)

    static func register() {
        // Expected: 4 ns a sample to decode, 2.5 to go over it.
        million("rate[5m]", "rate(requests_total[5m])", .counter(20))
        // Expected: 4 ns a sample to decode, 4 to go through the queue of what may become the maximum.
        million("max_over_time[1h]", "max_over_time(requests_total[1h])", .gauge(1e6))
        // Expected: 4 ns a sample to decode, 100 to put it into a sorted window of 3600 and take it out again.
        million(
            "quantile_over_time[1h]",
            "quantile_over_time(0.95, requests_total[1h])",
            .gauge(1e6)
        )
        longQuantiles()
    }

    private static func million(_ name: String, _ query: String, _ values: ValueKind) {
        measureQuery("1 series x 1 M samples, \(name)") {
            let series = NumberedSeries.generators("requests_total", count: 1, values)
            return try QueryFixture(query, at: times, over: series, interval: 1000)
        }
    }

    /// Windows of 2880 samples over 100 series, at 288 steps.
    ///
    /// Expected a sample: 4 ns to decode, 100 to go through the sorted window.
    private static func longQuantiles() {
        measureQuery("100 series, quantile_over_time[1d]") {
            try QueryFixture(
                "quantile_over_time(0.99, memory_bytes[1d])",
                at: .range(24 * 3600, step: 300),
                over: NumberedSeries.generators("memory_bytes", count: 100, .gauge(1e8))
            )
        }
    }
}
