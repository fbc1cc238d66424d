internal import MetricsModel

/// Computes the answer to a planned query from the fetched samples.
public enum Evaluator {
    /// Evaluates all steps of a query.
    ///
    /// - Parameters:
    ///   - sources: For each of the plan's selectors its series.
    ///   - control: Asked once per series whether to go on.
    ///   - workers: Threads that may help; the result does not depend on them.
    public static func evaluate(
        _ plan: QueryPlan,
        sources: [any SeriesSource],
        control: EvaluationControl = .unbounded,
        workers: any EvaluationWorkers = SerialWorkers()
    ) throws(EvaluationError) -> QueryResult {
        precondition(
            sources.count == plan.selectors.count,
            "\(sources.count) of \(plan.selectors.count)"
        )
        let evaluation = Evaluation(
            plan: plan,
            sources: sources,
            control: control,
            workers: workers
        )
        let value = try evaluation.result()
        return QueryResult(
            value: value,
            warnings: evaluation.annotations.warnings(in: plan.text),
            infos: evaluation.annotations.infos(in: plan.text),
            statistics: QueryStatistics(
                totalQueryableSamples: evaluation.samplesProcessed,
                samplesRead: evaluation.samplesRead,
                peakSamples: evaluation.budget.peak,
                totalQueryableSamplesPerStep: evaluation.steps(
                    evaluation.stepCounts?.processed,
                    total: evaluation.samplesProcessed
                ),
                samplesReadPerStep: evaluation.steps(
                    evaluation.stepCounts?.read,
                    total: evaluation.samplesRead
                ),
                timings: QueryTimings(resultSort: evaluation.resultSort)
            ),
            trace: evaluation.recorder.map { QueryTrace(tree: plan.tree, nodes: $0.nodes) }
        )
    }

    /// Evaluates all steps of a query over samples in memory.
    public static func evaluate(
        _ plan: QueryPlan,
        data: [[SeriesSamples]],
        control: EvaluationControl = .unbounded
    ) throws(EvaluationError) -> QueryResult {
        try evaluate(plan, sources: data.map { SeriesList($0) }, control: control)
    }
}
