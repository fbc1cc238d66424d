import MetricsModel
import PromQL
import QueryFuzzing

/// A differing query, made small together with its data.
struct FailureReport {
    let text: String

    init(_ question: Question, _ data: DataSet, _ server: PrometheusServer) throws {
        var small = question
        small.tree = try Shrinker.shrink(question.tree, attempts: 400) { tree in
            var candidate = question
            candidate.tree = tree
            return try Self.differs(candidate, data, server)
        }
        let relevant = Self.relevant(data, small)
        let fewer = try Shrinker.shrink(relevant, attempts: 40) { candidate in
            try Self.differs(small, candidate, try PrometheusServer(candidate))
        }
        let isEnough = try Self.differs(small, fewer, try PrometheusServer(fewer))
        let shown = isEnough ? fewer : data
        let ours = Answer(small, over: shown)
        let theirs = try isEnough ? PrometheusServer(shown).ask(small) : server.ask(small)
        var description = "unknown"
        if case .defect(let words) = Verdict(small, ours: ours, theirs: theirs) {
            description = words
        }
        text = """
            \(description)
            query: \(small.description)
            drawn as: \(question.tree.text)
            ours: \(ours.description)
            theirs: \(theirs.description)
            \(isEnough ? shown.script : "with all data of the seed")
            """
    }

    private static func differs(
        _ question: Question,
        _ data: DataSet,
        _ server: PrometheusServer
    ) throws -> Bool {
        let verdict = Verdict(
            question,
            ours: Answer(question, over: data),
            theirs: try server.ask(question)
        )
        if case .defect = verdict { return true }
        return false
    }

    /// The series that the query selects.
    private static func relevant(_ data: DataSet, _ question: Question) -> DataSet {
        guard let expression = try? Parser.parse(question.tree.text, features: .all) else {
            return data
        }
        let parameters = QueryParameters(
            start: question.start,
            end: question.end,
            step: question.step
        )
        guard let plan = try? QueryPlan(expression: expression, parameters: parameters) else {
            return data
        }
        return DataSet(
            series: data.series.filter { series in
                plan.selectors.contains {
                    $0.matchers.allSatisfy { matcher in
                        matcher.matches(series.labels.value(of: matcher.name) ?? "")
                    }
                }
            }
        )
    }
}
