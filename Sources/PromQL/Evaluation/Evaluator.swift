internal import MetricsModel

/// Computes the answer to a planned query from the fetched samples.
public enum Evaluator {
    /// Evaluates all steps of a query.
    ///
    /// - Parameters:
    ///   - data: For each of the plan's selectors its series, sorted by labels; samples outside
    ///     the planned range change nothing.
    ///   - control: Asked once per series whether to go on.
    public static func evaluate(
        _ plan: QueryPlan,
        data: [[SeriesSamples]],
        control: EvaluationControl = .unbounded
    ) throws(EvaluationError) -> QueryResult {
        precondition(data.count == plan.selectors.count, "\(data.count) of \(plan.selectors.count)")
        let evaluation = Evaluation(plan: plan, data: data, control: control)
        let value = try evaluation.result()
        return QueryResult(
            value: value,
            warnings: evaluation.annotations.warnings(in: plan.text),
            infos: evaluation.annotations.infos(in: plan.text),
            statistics: QueryResult.Statistics(
                samplesProcessed: evaluation.samplesProcessed,
                peakSamples: evaluation.budget.peak
            )
        )
    }
}
