import MetricsModel
import PromQL
import QueryFuzzing
import TestSupport
import Testing

/// Evaluates anything at any time: an answer or an error, and neither a trap nor a hang.
@Suite struct EvaluatorFuzzTests {
    /// Far more than any query of bounded size needs, even where tests are not optimised.
    private static let patience = Duration.seconds(20)

    @Test func `random queries at extreme times end`() throws {
        let settings = FuzzSettings.current(seed: 2)
        var random = SeededGenerator(seed: settings.seed)
        var drawing = DataSetGenerator(random: SeededGenerator(seed: random.next()))
        let data = drawing.dataSet()
        var generator = ExpressionGenerator(
            .everything,
            random: SeededGenerator(seed: random.next())
        )
        let last = LastCase("evaluator")
        var answers = 0
        let total = settings.run("evaluator", cases: 1500) { _ in
            let parameters = Self.parameters(&random)
            let text = generator.query(isInstant: parameters.isInstant).text
            last.record("\(text)\n\(parameters)")
            let start = ContinuousClock.now
            if Self.evaluate(text, parameters, data) { answers += 1 }
            let elapsed = ContinuousClock.now - start
            #expect(elapsed < Self.patience, "\(elapsed) for \(text), \(parameters)")
            return true
        }
        #expect(answers * 3 > total, "only \(answers) of \(total) queries have an answer")
    }

    /// - Returns: Whether there is an answer.
    private static func evaluate(
        _ text: String,
        _ parameters: QueryParameters,
        _ data: DataSet
    ) -> Bool {
        let deadline = ContinuousClock.now + patience
        let control = EvaluationControl(stopReason: {
            ContinuousClock.now < deadline ? nil : .timedOut
        })
        guard let expression = try? Parser.parse(text, features: .all),
            let plan = try? QueryPlan(expression: expression, text: text, parameters: parameters)
        else { return false }
        // Data is pruned to the planned ranges or not; both must be safe.
        let whole = plan.selectors.map { selector in
            data.series.filter { selector.matchers.allMatch($0.labels) }
        }
        _ = try? Evaluator.evaluate(plan, data: data.data(for: plan), control: control)
        return (try? Evaluator.evaluate(plan, data: whole, control: control)) != nil
    }

    private static func parameters(_ random: inout SeededGenerator) -> QueryParameters {
        var start = Int64.random(in: 550_000...2_900_000, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 {
            start = times[Int.random(in: 0..<times.count, using: &random)]
        }
        let features: EvaluationFeatures =
            Bool.random(using: &random) ? [] : [.delayedNameRemoval, .typeAndUnitLabels]
        if Bool.random(using: &random) {
            return QueryParameters(time: start, features: features, maxSamples: 200_000)
        }
        let steps: [Int64] = [1, 15_000, 60_000, 31_536_000_000, 1 << 40, .max]
        let step = steps[Int.random(in: 0..<steps.count, using: &random)]
        // The API refuses more than 11 000 steps before anything is evaluated.
        let count = Int64([0, 1, 7, 40, 11_000][Int.random(in: 0..<5, using: &random)])
        let (length, isTooLong) = step.multipliedReportingOverflow(by: count)
        let (end, isTooLate) = start.addingReportingOverflow(isTooLong ? .max : length)
        return QueryParameters(
            start: start,
            end: isTooLate ? .max : end,
            step: step,
            features: features,
            maxSamples: 200_000
        )
    }

    private static let times: [Int64] = [
        .min, .min + 1, -9_223_372_036_854_775, -1 << 53, -1, 0, 1, 1 << 53,
        9_223_372_036_854_775, .max - 300_001, .max - 1, .max,
    ]
}
