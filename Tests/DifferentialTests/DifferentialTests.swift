import QueryFuzzing
import TestSupport
import Testing

/// Asks our engine and a Prometheus the same random queries over the same random data.
@Suite(.serialized) struct DifferentialTests {
    static let isRunnable: Comment = "prometheus is not installed: nothing to compare with"

    @Test(.enabled(if: PrometheusServer.isInstalled, isRunnable))
    func `random queries have the answers of Prometheus`() throws {
        let settings = FuzzSettings.current(seed: 20_240)
        var random = SeededGenerator(seed: settings.seed)
        var drawing = DataSetGenerator(random: SeededGenerator(seed: random.next()))
        let data = drawing.dataSet()
        let server = try PrometheusServer(data)
        var generator = ExpressionGenerator(
            .prometheus242,
            random: SeededGenerator(seed: random.next())
        )
        var tally = Tally()
        try settings.run("differential test", cases: 8000) { _ in
            let question = Question(&generator)
            let theirs = try server.ask(question)
            let ours = Answer(question, over: data)
            let verdict = Verdict(question, ours: ours, theirs: theirs)
            tally.add(verdict, theirs)
            guard case .defect = verdict else { return true }
            let report = try FailureReport(question, data, server)
            Issue.record("seed \(settings.seed): \(report.text)")
            return tally.defects < 12
        }
        print("differential test: \(tally.summary)")
        #expect(tally.successes * 10 > tally.total * 6, "too few queries succeed: \(tally.summary)")
        #expect(tally.excused * 20 < tally.total, "too many are excused: \(tally.summary)")
    }

    /// What became of the queries.
    private struct Tally {
        var total = 0
        var successes = 0
        var withElements = 0
        var excuses: [String: Int] = [:]
        var defects = 0

        var excused: Int { excuses.values.reduce(0, +) }

        var summary: String {
            let rules = excuses.sorted { $0.key < $1.key }.map { ", \($0.value) \"\($0.key)\"" }
            return "\(total) queries, \(successes) succeed, \(withElements) with elements, "
                + "\(defects) differ, \(excused) excused\(rules.joined())"
        }

        mutating func add(_ verdict: Verdict, _ theirs: Answer) {
            total += 1
            if case .failure = theirs.kind {} else { successes += 1 }
            if !theirs.series.isEmpty { withElements += 1 }
            switch verdict {
            case .same: break
            case .excused(let rule): excuses[rule, default: 0] += 1
            case .defect: defects += 1
            }
        }
    }
}
