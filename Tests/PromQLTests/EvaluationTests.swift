import MetricsModel
import Synchronization
import Testing

@testable import PromQL

@Suite struct EvaluationTests {
    private static let series = (0..<20).map { number in
        SeriesSamples(
            labels: ["__name__": "metric_total", "n": "\(10 + number)"],
            timestamps: (0..<100).map { Int64($0) * 15_000 + Int64(number) * 7 },
            values: (0..<100).map { Double($0 * number % 37) }
        )
    }

    private static func evaluate(
        _ query: String,
        _ parameters: QueryParameters,
        control: EvaluationControl = .unbounded
    ) throws -> QueryResult {
        let plan = try QueryPlan(
            expression: try Parser.parse(query, features: .all),
            text: query,
            parameters: parameters
        )
        return try Evaluator.evaluate(
            plan,
            data: plan.selectors.map { selector in
                series.filter { selector.matchers.allMatch($0.labels) }
            },
            control: control
        )
    }

    @Test func `a query that holds too many samples fails`() throws {
        let few = QueryParameters(start: 0, end: 1_000_000, step: 1000, maxSamples: 10_000)
        #expect(throws: EvaluationError.tooManySamples(limit: 10_000)) {
            try Self.evaluate("metric_total", few)
        }
        #expect(throws: EvaluationError.tooManySamples(limit: 10_000)) {
            try Self.evaluate("sum_over_time(vector(1)[1y:1ms])", few)
        }
        let many = QueryParameters(start: 0, end: 1_000_000, step: 1000, maxSamples: 50_000)
        let result = try Self.evaluate("sum(metric_total)", many)
        // The sum of a group is held, not what is added to it.
        #expect(result.statistics.peakSamples >= 1001)
        #expect(result.statistics.peakSamples < 10_000)
    }

    @Test func `what an operand held is released when its operator is done`() throws {
        let parameters = QueryParameters(start: 0, end: 1_000_000, step: 1000, maxSamples: 45_000)
        let sums = Array(repeating: "sum(metric_total)", count: 10).joined(separator: " + ")
        #expect(throws: Never.self) { try Self.evaluate(sums, parameters) }
    }

    @Test func `statistics count the samples of every window`() throws {
        let instant = QueryParameters(time: 600_000)
        let result = try Self.evaluate("rate(metric_total{n=\"10\"}[1m])", instant)
        #expect(result.statistics.totalQueryableSamples == 4)
    }

    @Test func `evaluation stops when the caller lost interest or ran out of time`() throws {
        let parameters = QueryParameters(time: 600_000)
        #expect(throws: EvaluationError.cancelled) {
            try Self.evaluate(
                "metric_total",
                parameters,
                control: EvaluationControl(isCancelled: { true })
            )
        }
        let asked = Mutex(0)
        let control = EvaluationControl(stopReason: {
            asked.withLock {
                $0 += 1
                return $0 > 10 ? .timedOut : nil
            }
        })
        #expect(throws: EvaluationError.timedOut) {
            try Self.evaluate("metric_total", parameters, control: control)
        }
    }

    @Test(arguments: [
        ("foo[1m - 1m]", "4:11: duration must be greater than 0"),
        ("foo[10 / step()]", "4:15: division by zero"),
        ("foo[10 % range()]", "4:16: modulo by zero"),
    ])
    func `durations that are none fail`(query: String, message: String) throws {
        #expect(throws: EvaluationError.invalidQuery(message: message)) {
            try Self.evaluate(query, QueryParameters(time: 0))
        }
    }

    @Test func `equal selectors are fetched once, over all the time they need`() throws {
        let query = "foo offset 1h + foo + rate(foo[10m]) + bar{a=\"b\"}"
        let plan = try QueryPlan(
            expression: try Parser.parse(query),
            parameters: QueryParameters(time: 10_000_000)
        )
        #expect(plan.selectors.count == 2)
        let lookback = QueryParameters.standardLookbackDelta
        #expect(
            plan.selectors[0].range
                == TimeRange(start: 10_000_000 - 3_600_000 - lookback + 1, end: 10_000_001)
        )
        #expect(
            plan.selectors[1].range
                == TimeRange(start: 10_000_000 - lookback + 1, end: 10_000_001)
        )
    }

    @Test(
        arguments: [
            ("foo[5m]", 700_001..<1_000_001),
            ("foo[5m] offset 1m", 640_001..<940_001),
            ("foo[5m] @ 500", 200_001..<500_001),
            ("max_over_time(foo[5m:1m])", 420_001..<960_001),
            ("max_over_time(foo[5m:1m] @ 500 offset 1m)", -119_999..<420_001),
            ("max_over_time((foo @ 100)[5m:1m])", -199_999..<100_001),
            ("foo @ start()", 700_001..<1_000_001),
        ] as [(String, Range<Int64>)]
    )
    func `selectors are planned exactly`(query: String, range: Range<Int64>) throws {
        let plan = try QueryPlan(
            expression: try Parser.parse(query),
            parameters: QueryParameters(time: 1_000_000)
        )
        #expect(
            plan.selectors.map(\.range) == [
                TimeRange(start: range.lowerBound, end: range.upperBound)
            ]
        )
    }

    @Test func `nothing is fetched for a subquery without a step`() throws {
        let plan = try QueryPlan(
            expression: try Parser.parse("max_over_time(foo[5s:1m])"),
            parameters: QueryParameters(time: 1_000_000)
        )
        #expect(plan.selectors.map(\.range.isEmpty) == [true])
    }

    @Test func `times at the limits of 64 bits do no harm`() throws {
        for time in [Int64.min, Int64.min + 1, Int64.max - 1, Int64.max] {
            for query in [
                "metric_total offset 100y", "rate(metric_total[100y] offset -100y)",
                "max_over_time(metric_total[1y:7d])", "hour()", "deriv(metric_total[1m] @ 10)",
                "predict_linear(metric_total[1m] @ 10, 5)", "increase(metric_total[1m] smoothed)",
            ] {
                #expect(throws: Never.self) {
                    try Self.evaluate(query, QueryParameters(time: time))
                }
            }
        }
    }

    @Test func `the deepest trees the parser allows are evaluated`() throws {
        let depth = Parser.maximumNesting - 10
        let chain = Array(
            repeating: "metric_total{n=\"10\"}",
            count: Parser.maximumDepth - 10
        )
        let nested =
            String(repeating: "abs(", count: depth) + "metric_total{n=\"10\"}"
            + String(repeating: ")", count: depth)
        let range = QueryParameters(start: 0, end: 60_000, step: 15_000)
        for query in [chain.joined(separator: " + "), nested] {
            guard case .matrix(let series) = try Self.evaluate(query, range).value else {
                Issue.record("no matrix")
                continue
            }
            #expect(series.count == 1)
        }
    }

    @Test func `equal text with other bytes is another selector`() throws {
        // Both spellings of é; only the bytes count.
        let query = "{a=\"\u{E9}\"} or {a=\"e\u{301}\"}"
        let plan = try QueryPlan(
            expression: try Parser.parse(query),
            parameters: QueryParameters(time: 0)
        )
        #expect(plan.selectors.count == 2)
    }
}
