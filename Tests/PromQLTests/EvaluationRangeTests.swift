import MetricsModel
import TestSupport
import Testing

@testable import PromQL

/// Random queries over random data: only what a plan asks for may matter.
@Suite struct EvaluationRangeTests {
    @Test(arguments: 0..<40)
    func `samples outside of the planned ranges change nothing`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) * 7919 + 13)
        let series = (0..<6).map { Self.series($0, &random) }
        for _ in 0..<10 {
            let query = Self.expression(depth: 3, &random)
            let start = Int64.random(in: 0...3_000_000, using: &random)
            let parameters =
                Bool.random(using: &random)
                ? QueryParameters(time: start)
                : QueryParameters(
                    start: start,
                    end: start + Int64.random(in: 0...600_000, using: &random),
                    step: Int64.random(in: 1000...400_000, using: &random)
                )
            let plan = try QueryPlan(
                expression: try Parser.parse(query, features: .all),
                text: query,
                parameters: parameters
            )
            let whole = plan.selectors.map { selector in
                series.filter { selector.matchers.allMatch($0.labels) }
            }
            let pruned = zip(plan.selectors, whole).map { selector, series in
                series.map { Self.pruned($0, to: selector.range) }
            }
            let results = [whole, pruned].map { data in
                Result { () throws(EvaluationError) in try Evaluator.evaluate(plan, data: data) }
            }
            #expect(Self.isSame(results[0], results[1]), "\(query) \(parameters)")
        }
    }

    @Test func `every planned millisecond matters`() throws {
        // One sample at each edge of the planned range, and one just outside of each.
        for query in ["m", "m offset 1m", "count_over_time(m[90s])", "m @ 500"] {
            let plan = try QueryPlan(
                expression: try Parser.parse(query, features: .all),
                parameters: QueryParameters(time: 1_000_000)
            )
            let range = plan.selectors[0].range
            for (time, isSeen) in [
                (range.start - 1, false), (range.start, true), (range.end - 1, true),
                (range.end, false),
            ] {
                let data = [
                    [SeriesSamples(labels: ["__name__": "m"], timestamps: [time], values: [1])]
                ]
                let result = try Evaluator.evaluate(plan, data: data)
                guard case .vector(let elements) = result.value else {
                    Issue.record("no vector")
                    continue
                }
                #expect(elements.isEmpty != isSeen, "\(query) \(time)")
            }
        }
    }

    private static func series(_ number: Int, _ random: inout SeededGenerator) -> SeriesSamples {
        var timestamps: [Int64] = []
        var values: [Double] = []
        var time = Int64.random(in: -500_000...500_000, using: &random)
        for _ in 0..<120 {
            time += Int64.random(in: 1...60_000, using: &random)
            timestamps.append(time)
            values.append(
                Int.random(in: 0..<12, using: &random) == 0
                    ? StaleMarker.value : Double(Int.random(in: -5...20, using: &random))
            )
        }
        let name = number < 3 ? "a" : "b"
        return SeriesSamples(
            labels: ["__name__": name, "l": "\(number % 3)"],
            timestamps: timestamps,
            values: values
        )
    }

    private static func pruned(_ series: SeriesSamples, to range: TimeRange) -> SeriesSamples {
        let kept = series.samples.timestamps.indices.filter {
            range.contains(series.samples.timestamps[$0])
        }
        return SeriesSamples(
            labels: series.labels,
            timestamps: kept.map { series.samples.timestamps[$0] },
            values: kept.map { series.samples.values[$0] }
        )
    }

    private static func isSame(
        _ left: Result<QueryResult, EvaluationError>,
        _ right: Result<QueryResult, EvaluationError>
    ) -> Bool {
        switch (left, right) {
        case (.success(let left), .success(let right)):
            lines(left.value) == lines(right.value) && left.warnings == right.warnings
                && left.infos == right.infos
        case (.failure(let left), .failure(let right)): left == right
        default: false
        }
    }

    /// The value with the bits of its floats.
    private static func lines(_ value: QueryResult.Value) -> [String] {
        switch value {
        case .scalar(let time, let value): ["\(time) \(value.bitPattern)"]
        case .string(let time, let text): ["\(time) \(text)"]
        case .vector(let elements):
            elements.map { "\($0.labels) \($0.timestamp) \($0.value.float?.bitPattern ?? 0)" }
        case .matrix(let series):
            series.map { "\($0.labels) \($0.timestamps) \($0.values.map(\.bitPattern))" }
        }
    }

    // MARK: Queries

    private static func expression(depth: Int, _ random: inout SeededGenerator) -> String {
        guard depth > 0 else { return selector(&random) }
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return selector(&random)
        case 1:
            let functions = ["rate", "increase", "delta", "sum_over_time", "last_over_time"]
            return pick(functions, &random) + "(" + range(&random) + ")"
        case 2:
            let edges = pick(["anchored", "smoothed"], &random)
            return "increase(" + name(&random) + "[\(duration(&random))] \(edges)\(shift(&random)))"
        case 3: return "sum by (l) (" + expression(depth: depth - 1, &random) + ")"
        case 4: return "topk(2, " + expression(depth: depth - 1, &random) + ")"
        case 5:
            let functions = ["max_over_time", "count_over_time", "deriv", "changes"]
            return pick(functions, &random) + "((" + expression(depth: depth - 1, &random)
                + ")[\(duration(&random)):\(duration(&random))]\(shift(&random)))"
        case 6:
            let left = expression(depth: depth - 1, &random)
            let right = expression(depth: depth - 1, &random)
            let operation = pick(["+", "or", "and", "unless", "> bool"], &random)
            return "(\(left)) \(operation) on (l) (\(right))"
        case 7: return "abs(" + expression(depth: depth - 1, &random) + ")"
        default: return name(&random) + " smoothed" + shift(&random)
        }
    }

    private static func selector(_ random: inout SeededGenerator) -> String {
        name(&random) + shift(&random)
    }

    private static func range(_ random: inout SeededGenerator) -> String {
        name(&random) + "[\(duration(&random))]" + shift(&random)
    }

    private static func name(_ random: inout SeededGenerator) -> String {
        pick(["a", "b", "a{l=\"1\"}", "{l!=\"0\", __name__=~\"a|b\"}"], &random)
    }

    private static func shift(_ random: inout SeededGenerator) -> String {
        let offset = pick(["", "", " offset \(duration(&random))", " offset -30s"], &random)
        let time = pick(["", "", " @ 1234.567", " @ start()", " @ end()"], &random)
        return time + offset
    }

    private static func duration(_ random: inout SeededGenerator) -> String {
        pick(["7s", "45s", "1m", "3m30s", "10m", "1234ms"], &random)
    }

    private static func pick(_ choices: [String], _ random: inout SeededGenerator) -> String {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
