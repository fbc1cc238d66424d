import MetricsModel
import PromQL
import QueryFuzzing
import TestSupport
import Testing

/// Each bound that keeps a query from taking the server down.
@Suite struct BoundTests {
    @Test(arguments: [
        "(a+)+$", "(a|aa)+b", "(a*)*b", "(.*a){12}b", "(x+x+)+y", "((a{0,9}){0,9}){0,9}b",
    ])
    func `adversarial expressions answer on long values`(pattern: String) throws {
        // An engine that backtracks would take more than 2^10000 steps; RE2 takes one pass.
        let expression = try RegularExpression(pattern)
        let value = String(repeating: "a", count: 20_000)
        #expect(expression.matches(value) == (pattern == "(a+)+$"))
        #expect(expression.matches(value + "!") == false)
    }

    @Test(arguments: ["((((a{100}){100}){100}){100})", "(\\pL{500}){500}", "a{1001}"])
    func `expressions that compile to too much are refused`(pattern: String) {
        #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
        #expect(throws: ParseError.self) {
            try Parser.parse("x{y=~\"\(pattern.replacing("\\", with: "\\\\"))\"}")
        }
        #expect(throws: EvaluationError.self) {
            try evaluate(
                "label_replace(temperature, \"a\", \"\", \"b\", \"\(pattern.replacing("\\", with: "\\\\"))\")"
            )
        }
    }

    @Test(arguments: [
        "max_over_time(vector(1)[1y:1ms])",
        "sum(max_over_time((temperature * 2)[1y:1s]))",
        "max_over_time(max_over_time(temperature[1d:1ms])[290y:1ms])",
        "count_over_time(count_over_time(time()[1y:1s])[1y:1s])",
    ])
    func `subqueries with too many steps are refused`(query: String) {
        let query = query.replacing("time()[", with: "vector(time())[")
        #expect(throws: EvaluationError.tooManySamples(limit: 100_000)) { try evaluate(query) }
    }

    @Test func `a result with too many points is refused`() {
        let parameters = QueryParameters(start: 0, end: 100_000, step: 1, maxSamples: 100_000)
        for query in ["vector(1)", "1", "temperature", "time() + 1"] {
            #expect(throws: EvaluationError.tooManySamples(limit: 100_000)) {
                try evaluate(query, parameters)
            }
        }
    }

    @Test func `many labels and matchers parse in a query of bounded length`() throws {
        let matchers = (0..<20_000).map { "l\($0)=\"\"" }.joined(separator: ",")
        #expect(try Parser.parse("x{\(matchers)}").description.utf8.count > matchers.utf8.count)
        let labels = (0..<20_000).map { "l\($0)" }.joined(separator: ",")
        #expect(throws: Never.self) { try evaluate("sum by (\(labels)) (temperature)") }
        #expect(throws: Never.self) {
            try evaluate("temperature + ignoring (\(labels)) temperature or x")
        }
    }

    private func evaluate(
        _ query: String,
        _ parameters: QueryParameters = QueryParameters(time: 2_000_000, maxSamples: 100_000)
    ) throws {
        var drawing = DataSetGenerator(random: SeededGenerator(seed: 3))
        let data = drawing.dataSet()
        let expression = try Parser.parse(query, features: .all)
        let plan = try QueryPlan(expression: expression, text: query, parameters: parameters)
        _ = try Evaluator.evaluate(plan, data: data.data(for: plan))
    }
}
