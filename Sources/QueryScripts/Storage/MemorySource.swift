internal import MetricsModel
internal import PromQL
internal import Querying

/// Hands samples in memory to the evaluator, once only those of the planned ranges and once all there are.
///
/// The two answers must agree bit for bit: plans name all that a query needs, and nothing else matters.
struct MemorySource: ScriptSource {
    /// Sorted by labels.
    let series: [SeriesSamples]
    let features: QueryFeatures

    let printsQueries = false

    func answer(_ query: ScriptQuery) async throws -> QueryResult {
        let plan = try QueryPlan(
            expression: try query.expression
                ?? Parser.parse(query.text, features: features.language),
            text: query.text,
            parameters: QueryParameters(
                start: query.start,
                end: query.end,
                step: query.step,
                features: features.evaluation
            )
        )
        let pruned = outcome(plan) { selector, series in
            series.samples.clipped(to: selector.range)
        }
        let whole = outcome(plan) { _, series in series.samples }
        switch (pruned, whole) {
        case (.success(let one), .success(let other)):
            guard one.isIdentical(to: other) else {
                throw StorageFault(
                    reason: "samples outside of the planned ranges change the result to "
                        + ResultText.lines(other.value).joined(separator: "; ")
                )
            }
        case (.failure(let one), .failure(let other)) where one == other: break
        default:
            throw StorageFault(
                reason: "samples outside of the planned ranges decide whether the query fails"
            )
        }
        return try pruned.get()
    }

    private func outcome(
        _ plan: QueryPlan,
        _ samples: (PlannedSelector, SeriesSamples) -> SampleColumns
    ) -> Result<QueryResult, EvaluationError> {
        let sources = plan.selectors.map { selector in
            SeriesList(
                series.filter { selector.matchers.allMatch($0.labels) }.compactMap { series in
                    let samples = samples(selector, series)
                    guard !samples.isEmpty else { return nil }
                    return SeriesSamples(labels: series.labels, samples: samples)
                }
            )
        }
        return Result { () throws(EvaluationError) in
            try Evaluator.evaluate(plan, sources: sources)
        }
    }
}
