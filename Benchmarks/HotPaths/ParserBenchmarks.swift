import Benchmark
import PromQL

/// From the text of a query to its plan.
enum ParserBenchmarks {
    static func register() {
        parse()
        plan()
    }

    /// A query of 200 bytes with one regular expression.
    private static let text = """
        sum by (namespace, job) (rate(http_requests_total{cluster="eu-west-1",code!~"5.+"}[5m])) \
        / on (namespace, job) \
        sum by (namespace, job) (rate(http_requests_total{cluster="eu-west-1",method!="GET"}[5m]))
        """

    /// Parses a query of about 200 bytes.
    ///
    /// Expected: 15 µs, half of it to compile the regular expression.
    private static func parse() {
        measure("PromQL: parse 200 bytes") { (benchmark, text: String) in
            for _ in benchmark.scaledIterations { blackHole(try Parser.parse(text)) }
        } setup: {
            text
        }
    }

    /// Plans the same query over a range, once it is parsed.
    ///
    /// Expected: 3 µs.
    private static func plan() {
        measure("PromQL: plan") {
            (benchmark, expression: Expression) in
            let parameters = QueryParameters(
                start: Workload.start,
                end: Workload.start + 4 * 3600 * 1000,
                step: 60_000
            )
            for _ in benchmark.scaledIterations {
                blackHole(
                    try QueryPlan(expression: expression, text: text, parameters: parameters)
                )
            }
        } setup: {
            try Parser.parse(text)
        }
    }
}
