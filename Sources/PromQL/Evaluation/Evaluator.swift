internal import MetricsModel

/// Computes the answer to a planned query from the fetched samples.
public enum Evaluator {
    /// Evaluates all steps of a query.
    ///
    /// - Parameters:
    ///   - sources: For each of the plan's selectors its series.
    ///   - control: Asked once per series whether to go on.
    public static func evaluate(
        _ plan: QueryPlan,
        sources: [any SeriesSource],
        control: EvaluationControl = .unbounded
    ) throws(EvaluationError) -> QueryResult {
        try evaluate(plan, data: try sources.map(read), control: control)
    }

    /// Evaluates all steps of a query over samples in memory.
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
            statistics: QueryStatistics(
                totalQueryableSamples: evaluation.samplesProcessed,
                samplesRead: data.joined().reduce(0) { $0 + $1.samples.count },
                peakSamples: evaluation.budget.peak
            )
        )
    }

    private static func read(
        _ source: any SeriesSource
    ) throws(EvaluationError) -> [SeriesSamples] {
        var result: [SeriesSamples] = []
        for index in 0..<source.count {
            var columns = SampleColumns()
            do {
                try source.read(index, into: &columns)
            } catch {
                throw .execution(message: "\(error)")
            }
            result.append(SeriesSamples(labels: source.labels(at: index), samples: columns))
        }
        return result
    }
}
