import MetricsModel
import TestSupport
import Testing

@testable import PromQL

/// Operators that look at many elements, beside what can be said about their results in a few words.
@Suite struct ManyElementsTests {
    /// Few distinct values, so that order decides between equals; some elements end early, one has no number.
    private static let series: [SeriesSamples] = {
        var random = SeededGenerator(seed: 11)
        return (0..<500).map { number in
            let count = number % 10 == 0 ? 2 : 4
            return SeriesSamples(
                labels: [
                    "__name__": "m", "a": "\(number % 7)", "group": "\(number % 3)",
                    "n": "\(number)", "z": number % 2 == 0 ? "" : "\(number % 5)",
                ],
                timestamps: (0..<count).map { Int64($0) * 300_000 },
                values: (0..<count).map { _ in
                    number == 77 ? .nan : Double(Int.random(in: -40...40, using: &random)) / 4
                }
            )
        }
    }()

    /// Elements of `info`, one for each `group`.
    private static let information = (0..<3).map { group in
        SeriesSamples(
            labels: [
                "__name__": "info", "b": "b\(group)", "group": "\(group)",
                "node": group == 1 ? "" : "node\(group)", "z": "zz",
            ],
            timestamps: [0, 300_000, 600_000, 900_000],
            values: [2, 2, 2, 2]
        )
    }

    private func series(_ text: String, end: Int64 = 900_000) throws -> [QueryResult.ResultSeries] {
        let plan = try QueryPlan(
            expression: try Parser.parse(text, features: .all),
            text: text,
            parameters: QueryParameters(start: 0, end: end, step: 300_000)
        )
        let result = try Evaluator.evaluate(
            plan,
            data: plan.selectors.map { selector in
                (Self.series + Self.information).filter { selector.matchers.allMatch($0.labels) }
            }
        )
        guard case .matrix(let series) = result.value else { return [] }
        return series
    }

    /// Each element with a value at a time.
    private func elements(_ text: String, at time: Int64) throws -> [Labels: Double] {
        var found: [Labels: Double] = [:]
        for series in try series(text) {
            guard let index = series.timestamps.firstIndex(of: time) else { continue }
            found[series.labels] = series.values[index]
        }
        return found
    }

    @Test(arguments: [0, 1, 2, 3, 10, 62, 124, 125, 126, 300, 499, 500, 501])
    func `of many elements the largest or smallest are kept, the first of equal ones`(
        count: Int
    ) throws {
        for (name, isTop) in [("topk", true), ("bottomk", false)] {
            let found = try elements("\(name)(\(count), m)", at: 0)
            let ranked = Self.series.sorted { left, right in
                let (left, right) = (left.samples.values[0], right.samples.values[0])
                if left.isNaN || right.isNaN { return !left.isNaN }
                return isTop ? left > right : left < right
            }
            #expect(Set(found.keys) == Set(ranked.prefix(count).map(\.labels)))
        }
    }

    @Test(arguments: ["by (group)", "by (v)", "by (n, v)", "without (n)", "without (v, n)", ""])
    func `values are counted in their groups`(grouping: String) throws {
        let names = grouping.split { "(), ".contains($0) }.dropFirst().map(String.init)
        let isWithout = grouping.hasPrefix("without")
        for (step, time) in [(0, Int64(0)), (3, 900_000)] {
            var expected: [Labels: Double] = [:]
            for series in Self.series where series.samples.values.count > step {
                let value = series.samples.values[step]
                let text =
                    value.isNaN ? "NaN" : value == value.rounded() ? "\(Int(value))" : "\(value)"
                var labels = series.labels.setting("v", to: text)
                let kept = LabelNameSet(names + (isWithout ? ["__name__"] : ["v"]))
                labels = isWithout ? labels.dropping(kept) : labels.keeping(kept)
                expected[labels, default: 0] += 1
            }
            #expect(try elements("count_values \(grouping) (\"v\", m)", at: time) == expected)
        }
    }

    @Test func `a value in a label is the shortest text of the float`() {
        let cases: [(Double, String)] = [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-12, "-12"), (123_456_789, "123456789"),
            (999_999_999_999_999, "999999999999999"), (1e15, "1000000000000000"),
            (1e21, "1000000000000000000000"), (0.5, "0.5"), (1e-7, "0.0000001"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ]
        for (value, text) in cases { #expect(FloatText.plain(value) == text) }
    }

    @Test(arguments: ["", "node", "b, node", "z", "a, b, z", "missing", "__name__"])
    func `labels of the one side are taken over, and removed where it has none`(
        included: String
    ) throws {
        let names = included.split { ", ".contains($0) }.map(String.init)
        var expected: [Labels: Double] = [:]
        for series in Self.series {
            let information = Self.information[Int(series.labels.value(of: "group") ?? "") ?? 0]
            var labels = series.labels.dropping(.metricName)
            for name in names {
                labels = labels.setting(name, to: information.labels.value(of: name) ?? "")
            }
            expected[labels] = series.samples.values[0] * 2
        }
        let text = "on (group) group_left (\(included)) info"
        let found = try elements("m * \(text)", at: 0)
        #expect(found.mapValues(\.bitPattern) == expected.mapValues(\.bitPattern))
        let swapped = text.replacing("group_left", with: "group_right").replacing(
            " info",
            with: " m"
        )
        let other = try elements("info * \(swapped)", at: 0)
        #expect(other.mapValues(\.bitPattern) == expected.mapValues(\.bitPattern))
    }

    @Test func `elements that become equal by what is taken over are refused`() throws {
        #expect(throws: EvaluationError.self) {
            try series("m * on (group) group_left (n) info")
        }
        #expect(throws: EvaluationError.self) {
            try series("m * on (group) m")
        }
    }

    @Test(arguments: ["+", "-", "*", "/", "%", "^", "atan2", ">", "== bool", "!="])
    func `operators see the floats of partners at the same step`(operation: String) throws {
        let found = try series("m \(operation) on (n, a, group, z) (m offset 5m)")
        for series in Self.series {
            let name = operation == ">" || operation == "!=" ? series.labels : nil
            let labels =
                name ?? series.labels.keeping(LabelNameSet(["n", "a", "group", "z"]))
            let result = found.first {
                $0.labels.dropping(.metricName) == labels.dropping(.metricName)
            }
            var times: [Int64] = []
            var values: [Double] = []
            // The element is seen for less than five minutes after its newest sample.
            for index in 1..<series.samples.values.count {
                let (left, right) = (series.samples.values[index], series.samples.values[index - 1])
                guard let value = Self.apply(operation, left, right) else { continue }
                times.append(Int64(index) * 300_000)
                values.append(value)
            }
            #expect(result?.timestamps ?? [] == times)
            #expect((result?.values ?? []).map(\.bitPattern) == values.map(\.bitPattern))
        }
    }

    private static func apply(_ operation: String, _ left: Double, _ right: Double) -> Double? {
        switch operation {
        case ">": left > right ? left : nil
        case "!=": left != right ? left : nil
        case "== bool": left == right ? 1 : 0
        default: BinaryOperator(rawValue: operation)?.apply(left, right)
        }
    }
}
