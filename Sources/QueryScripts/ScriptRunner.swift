import MetricsModel
import PromQL

/// Runs a test script through parser, plan and evaluation over samples in memory.
struct ScriptRunner {
    /// What the scripts expect to be switched on.
    static let standardFeatures: EvaluationFeatures = [.delayedNameRemoval]

    private var store = ScriptStore()
    private var report = ScriptReport()
    private let name: String
    private let features: EvaluationFeatures

    /// Runs all commands of a script.
    static func run(
        _ text: String,
        name: String,
        features: EvaluationFeatures = Self.standardFeatures
    ) throws -> ScriptReport {
        var parser = ScriptParser(text)
        var runner = ScriptRunner(name: name, features: features)
        for command in try parser.commands() {
            switch command {
            case .clear: runner.store = ScriptStore()
            case .load(let load): runner.store.append(load)
            case .evaluate(let evaluation): runner.evaluate(evaluation)
            }
        }
        return runner.report
    }

    private init(name: String, features: EvaluationFeatures) {
        self.name = name
        self.features = features
    }

    private mutating func evaluate(_ evaluation: ScriptEvaluation) {
        switch outcome(evaluation) {
        case .passed: report.passed += 1
        case .failed(let reason):
            report.failures.append("\(name):\(evaluation.line): \(evaluation.query): \(reason)")
        case .outOfScope(let reason): report.outOfScope[reason, default: 0] += 1
        }
    }

    private mutating func outcome(_ evaluation: ScriptEvaluation) -> ScriptOutcome {
        if evaluation.expectedSeries.contains(where: { $0.points.contains(where: \.isHistogram) }) {
            return .outOfScope(.nativeHistograms)
        }
        let check = ScriptCheck(evaluation)
        let expression: Expression
        do {
            expression = try Parser.parse(evaluation.query, features: .all)
        } catch {
            return check.failure(error.description).map { .failed($0) } ?? .passed
        }
        for variant in ScriptVariant.all(of: evaluation, expression, features) {
            switch run(variant, check, evaluation.query) {
            case .passed: continue
            case .failed(let reason): return .failed("\(variant.name): \(reason)")
            case .outOfScope(let reason): return .outOfScope(reason)
            }
        }
        return .passed
    }

    private mutating func run(
        _ variant: ScriptVariant,
        _ check: ScriptCheck,
        _ query: String
    ) -> ScriptOutcome {
        do throws(EvaluationError) {
            let plan = try QueryPlan(
                expression: variant.expression,
                text: query,
                parameters: variant.parameters
            )
            if let reason = store.unsupportedReason(for: plan) { return .outOfScope(reason) }
            let result = try Evaluator.evaluate(plan, data: store.data(for: plan, isPruned: true))
            let whole = try Evaluator.evaluate(plan, data: store.data(for: plan, isPruned: false))
            guard ScriptCheck.isSame(result, whole) else {
                return .failed("samples outside of the planned ranges change the result")
            }
            let reason = check.result(result, variant)
            return reason.map { .failed($0) } ?? .passed
        } catch {
            if case .notImplemented = error { return .outOfScope(.missingFunction) }
            let text = variant.isOriginal ? error.message : nil
            return check.failure(text).map { .failed($0) } ?? .passed
        }
    }
}

extension ScriptPoint {
    var isHistogram: Bool {
        if case .histogram = self { true } else { false }
    }
}
