import Benchmark
import MetricsModel
import PromQL

/// A plan and the series it asks for, compressed.
struct QueryFixture {
    private let plan: QueryPlan
    private let sources: [ChunkedSeries]
    /// Samples in the chunks of all selectors.
    let sampleCount: Int
    /// Series of all selectors times steps of the query.
    let pointCount: Int
    /// Elements or series of the answer.
    private(set) var resultCount = 0

    /// - Parameters:
    ///   - generators: The series that exist; samples are generated for those that the query selects.
    ///   - interval: Time between two samples of a series, ms.
    ///   - samplesPerChunk: As many as a head has in a chunk of its own.
    /// - Throws: What is wrong with the query, or ``EmptyAnswer``.
    init(
        _ text: String,
        at times: QueryTimes,
        over generators: [SeriesGenerator],
        interval: Int64 = 30_000,
        samplesPerChunk: Int = 120
    ) throws {
        let plan = try QueryPlan(
            expression: Parser.parse(text),
            text: text,
            parameters: times.parameters
        )
        let start = plan.selectors.map(\.range.start).min() ?? times.parameters.start
        let layout = ChunkLayout(
            start: start,
            end: QueryTimes.end,
            interval: interval,
            samplesPerChunk: samplesPerChunk
        )
        let series =
            generators
            .filter { series in plan.selectors.contains { $0.matchers.allMatch(series.labels) } }
            .map { ChunkedSeries.Series(labels: $0.labels, chunks: $0.chunks(layout)) }
        self.plan = plan
        sources = plan.selectors.map { ChunkedSeries(series, selectedBy: $0) }
        sampleCount = sources.reduce(0) { $0 + $1.sampleCount }
        pointCount = sources.reduce(0) { $0 + $1.count } * times.stepCount
        resultCount = try evaluate()
        guard resultCount > 0 else { throw EmptyAnswer(query: text) }
    }

    /// Returns how many elements the answer has.
    func evaluate() throws -> Int {
        let result = try Evaluator.evaluate(plan, sources: sources)
        blackHole(result)
        switch result.value {
        case .scalar, .string: return 1
        case .vector(let elements): return elements.count
        case .matrix(let series): return series.count
        }
    }
}

/// A query found nothing: the benchmark would measure nothing.
struct EmptyAnswer: Error {
    let query: String
}
