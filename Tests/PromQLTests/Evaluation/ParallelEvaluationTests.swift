import MetricsModel
import PromQL
import Synchronization
import TestSupport
import Testing

@Suite struct ParallelEvaluationTests {
    private static let workers = [
        ThreadWorkers(count: 1), ThreadWorkers(count: 2), ThreadWorkers(count: 3),
        ThreadWorkers(count: 8), ThreadWorkers(count: 3, isBackward: true),
    ]

    /// Values whose sum depends on the order, with gaps, resets and what is no number.
    private static let series: [SeriesSamples] = {
        var random = SeededGenerator(seed: 7)
        let scales = [1, 1e-9, 1e9, 1e16]
        return (0..<300).map { number in
            let scale = scales.randomElement(using: &random) ?? 1
            let steps = (0..<24).filter { _ in Int.random(in: 0..<9, using: &random) > 0 }
            return SeriesSamples(
                labels: [
                    "__name__": "m_total", "group": "\(number % 5)", "shard": "\(number % 7)",
                    "n": "\(number)",
                ],
                timestamps: steps.map { Int64($0) * 30_000 },
                values: steps.map { _ in value(scale, &random) }
            )
        }
    }()

    private static func value(_ scale: Double, _ random: inout SeededGenerator) -> Double {
        switch Int.random(in: 0..<300, using: &random) {
        case 0: .nan
        case 1: .infinity
        case 2..<40: Double(Int.random(in: 0...3, using: &random))
        default: Double.random(in: -1...1, using: &random) * scale
        }
    }

    @Test(arguments: [
        "sum by (group) (m_total)", "sum(m_total)", "avg by (shard) (m_total)",
        "min by (group) (m_total)", "max without (n) (m_total)", "count by (shard) (m_total)",
        "stddev by (group) (m_total)", "stdvar(m_total)", "topk by (group) (3, m_total)",
        "bottomk(5, m_total)", "quantile by (shard) (0.7, m_total)",
        "count_values by (group) (\"v\", round(m_total))", "group by (shard) (m_total)",
        "sum by (group) (rate(m_total[2m]))", "sum(avg_over_time(m_total[5m:10s]))",
        "m_total * on (n) group_left () (m_total > 0)", "sort_desc(m_total)",
        "limitk(7, m_total)", "limit_ratio(0.3, m_total)", "absent(m_total)",
        "sum by (group) (m_total) / sum by (group) (abs(m_total))",
    ])
    func `results are the same bits whatever the number of threads`(text: String) throws {
        let expected = try evaluate(text, SerialWorkers())
        #expect(!expected.isEmpty)
        for workers in Self.workers { #expect(try evaluate(text, workers) == expected) }
    }

    @Test func `the first series that cannot be read gives the error`() throws {
        for workers in Self.workers {
            for _ in 0..<20 {
                let source = FaultySeries(series: Self.series, unreadable: [61, 140, 141, 299])
                let error = #expect(throws: EvaluationError.self) {
                    try run("sum by (group) (m_total)", source, workers)
                }
                guard case .unreadable(let text) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(text.contains("series 61"), "\(text)")
            }
        }
    }

    @Test func `a query that is cancelled between series ends before the next one`() throws {
        for text in ["sum by (group) (rate(m_total[5m]))", "topk(3, m_total)", "m_total"] {
            for workers in Self.workers {
                let source = FaultySeries(series: Self.series)
                let control = EvaluationControl(isCancelled: { source.readCount >= 50 })
                #expect(throws: EvaluationError.cancelled) {
                    try run(text, source, workers, control)
                }
                // What other threads had begun is finished.
                #expect((50...50 + workers.count).contains(source.readCount))
            }
        }
    }

    @Test func `all memory is given back, however a query ends`() throws {
        for workers in Self.workers {
            let process = MemoryAccount(name: "process", limit: 1 << 30)
            do {
                let source = FaultySeries(series: Self.series)
                let control = EvaluationControl(
                    memory: MemoryAccount(name: "query", limit: 1 << 20, parent: process),
                    isCancelled: { false }
                )
                _ = try run("m_total", source, workers, control)
                #expect(control.memory.peak > 0)
            }
            #expect(process.current == 0)
            #expect(throws: EvaluationError.self) {
                try run(
                    "m_total",
                    FaultySeries(series: Self.series, unreadable: [200]),
                    workers,
                    EvaluationControl(
                        memory: MemoryAccount(name: "query", limit: 1 << 20, parent: process),
                        isCancelled: { false }
                    )
                )
            }
            #expect(process.current == 0)
            #expect(throws: EvaluationError.self) {
                try run(
                    "m_total",
                    FaultySeries(series: Self.series),
                    workers,
                    EvaluationControl(
                        memory: MemoryAccount(name: "query", limit: 1000, parent: process),
                        isCancelled: { false }
                    )
                )
            }
            #expect(process.current == 0)
        }
    }

    /// Labels, times and the bits of values, series by series, and all remarks.
    private func evaluate(_ text: String, _ workers: any EvaluationWorkers) throws -> [String] {
        let result = try run(text, FaultySeries(series: Self.series), workers)
        guard case .matrix(let matrix) = result.value else { return [] }
        return matrix.map { "\($0.labels) \($0.timestamps) \($0.values.map(\.bitPattern))" }
            + result.warnings + result.infos + [
                "\(result.statistics.totalQueryableSamples) \(result.statistics.samplesRead)"
            ]
    }

    @discardableResult
    private func run(
        _ text: String,
        _ source: FaultySeries,
        _ workers: any EvaluationWorkers,
        _ control: EvaluationControl = .unbounded
    ) throws -> QueryResult {
        let plan = try QueryPlan(
            expression: try Parser.parse(text, features: .all),
            text: text,
            parameters: QueryParameters(start: 0, end: 700_000, step: 35_000)
        )
        return try Evaluator.evaluate(
            plan,
            sources: plan.selectors.map { _ in source },
            control: control,
            workers: workers
        )
    }
}

/// Series of which some cannot be read.
private final class FaultySeries: SeriesSource {
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    private let series: [SeriesSamples]
    private let unreadable: Set<Int>
    private let reads = Atomic(0)

    init(series: [SeriesSamples], unreadable: Set<Int> = []) {
        self.series = series
        self.unreadable = unreadable
    }

    var readCount: Int { reads.load(ordering: .relaxed) }

    var count: Int { series.count }

    func labels(at index: Int) -> Labels { series[index].labels }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        reads.wrappingAdd(1, ordering: .relaxed)
        if unreadable.contains(index) { throw Unreadable(description: "series \(index) is lost") }
        columns = series[index].samples
    }
}
