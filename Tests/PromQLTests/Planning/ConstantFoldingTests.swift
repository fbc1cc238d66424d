import Testing

@testable import PromQL

@Suite struct ConstantFoldingTests {
    private static func plan(_ query: String) throws -> QueryPlan {
        try QueryPlan(
            expression: try Parser.parse(query, features: .all),
            text: query,
            parameters: QueryParameters(time: 0)
        )
    }

    @Test(arguments: [
        ("1 + 2 * 3", "7"), ("-(2 ^ 3) % 5", "-3"), ("1 == bool 1", "1"), ("1 > bool 2", "0"),
        ("+4", "4"), ("(((5)))", "5"), ("5m + 1", "301"), ("0.1 + 0.2", "0.30000000000000004"),
        ("metric * (1024 * 1024)", "metric * 1048576"), ("metric > -1 - 1", "metric > -2"),
        ("topk(1 + 1, metric)", "topk(2, metric)"),
        ("clamp(metric, -1, 2 + 1)", "clamp(metric, -1, 3)"),
        ("max_over_time((metric * (2 + 3))[5m:1m])", "max_over_time((metric * 5)[5m:1m])"),
        ("(metric)", "(metric)"), ("-metric", "-metric"), ("time() + 1 + 2", "time() + 1 + 2"),
    ])
    func `arithmetic between literals is done once`(query: String, folded: String) throws {
        #expect(try Self.plan(query).expression.description == folded)
    }

    @Test(arguments: [
        ("0 / 0", 0.0 / 0.0), ("1 / 0", .infinity), ("-(0)", -0.0), ("0 * -1", -0.0),
        ("7 % -3", 1), ("1e308 * 10", -Double.infinity * -1), ("2 ^ 0.5", 2.0.squareRoot()),
    ])
    func `folded values have the bits of computed ones`(query: String, value: Double) throws {
        let result = try Evaluator.evaluate(try Self.plan(query), data: [])
        guard case .scalar(_, let found) = result.value else {
            Issue.record("not a scalar: \(result.value)")
            return
        }
        #expect(found.bitPattern == value.bitPattern || (found.isNaN && value.isNaN))
        // Time is no literal: the same arithmetic, done by the evaluation.
        let computed = query.replacing("0", with: "(time() * 0)", maxReplacements: 1)
        if query.hasPrefix("0") || query.hasPrefix("-(0)") {
            let other = try Evaluator.evaluate(try Self.plan(computed), data: [])
            guard case .scalar(_, let unfolded) = other.value else { return }
            #expect(found.bitPattern == unfolded.bitPattern)
        }
    }

    @Test func `operators without a value for scalars still fail`() throws {
        let plan = try Self.plan("1 </ 2")
        #expect(
            throws: EvaluationError.execution(
                message: "operator \"</\" not allowed for Scalar operations"
            )
        ) { try Evaluator.evaluate(plan, data: []) }
    }

    @Test func `annotations point to where the arithmetic stood`() throws {
        let plan = try Self.plan("quantile(1 + (2), metric)")
        let result = try Evaluator.evaluate(plan, data: [[]])
        #expect(result.warnings.count == 1)
        #expect(result.warnings.first?.hasSuffix("(1:10)") == true, "\(result.warnings)")
    }
}
