/// Subqueries over ``Mesh/standard`` for six hours, a step a minute.
///
/// Expected: what the inner query costs over the steps that all subqueries have together, once, and 10 ns
/// for each of its points that a window goes over.
enum Subqueries {
    static func register() {
        measure(
            "max_over_time of sum by",
            "max_over_time(sum by (reporter) (rate(istio_requests_total[5m]))[1h:1m])"
        )
        measure(
            "avg_over_time of rate",
            "sum(avg_over_time(rate(istio_requests_total[5m])[30m:1m]))"
        )
        measure(
            "nested",
            "max_over_time(avg_over_time(rate(istio_requests_total[5m])[10m:1m])[1h:5m])"
        )
    }

    private static func measure(_ name: String, _ query: String) {
        measureQuery("subquery, \(name)") {
            try QueryFixture(query, at: .range(6 * 3600, step: 60), over: Mesh.standard.series)
        }
    }
}
