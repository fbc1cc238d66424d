import MetricsModel
import PromQL
import Synchronization
import Testing

/// Queries whose work lies in one series.
@Suite struct LongSeriesTests {
    /// A sample every second.
    private static let series = SeriesSamples(
        labels: ["__name__": "m_total"],
        timestamps: (0..<12_000).map { $0 * 1000 },
        values: (0..<12_000).map { Double($0 % 977) }
    )

    /// Steps of a second with windows of 400 samples: 4.8 million samples are looked at.
    private static let functions = [
        "rate", "increase", "delta", "sum_over_time", "avg_over_time", "max_over_time",
        "stddev_over_time", "changes", "quantile_over_time",
    ]

    private static func evaluate(_ function: String, _ control: EvaluationControl) throws {
        let quantile = function == "quantile_over_time" ? "0.5, " : ""
        let text = "\(function)(\(quantile)m_total[400s])"
        let plan = try QueryPlan(
            expression: try Parser.parse(text, features: .standard),
            text: text,
            parameters: QueryParameters(start: 0, end: 11_999_000, step: 1000)
        )
        _ = try Evaluator.evaluate(plan, data: [[series]], control: control)
    }

    @Test(arguments: functions)
    func `a query asks again and again whether to stop within one series`(function: String) throws {
        let asked = Atomic(0)
        try Self.evaluate(
            function,
            EvaluationControl(isCancelled: {
                asked.wrappingAdd(1, ordering: .relaxed)
                return false
            })
        )
        // Once every quarter of a million samples.
        #expect(asked.load(ordering: .relaxed) > 4_700_000 >> 18)
    }

    @Test(arguments: functions)
    func `a query that is cancelled within a series ends there`(function: String) throws {
        let asked = Atomic(0)
        #expect(throws: EvaluationError.cancelled) {
            try Self.evaluate(
                function,
                EvaluationControl(isCancelled: {
                    asked.wrappingAdd(1, ordering: .relaxed).newValue >= 10
                })
            )
        }
        #expect(asked.load(ordering: .relaxed) == 10)
    }
}
