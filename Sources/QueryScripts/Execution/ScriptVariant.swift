internal import PromQL

/// One way to execute an `eval`, all of which must give the same answer.
struct ScriptVariant {
    /// For reports.
    var name: String
    var query: ScriptQuery
    /// In range mode: the only step whose values are compared, in milliseconds.
    var comparedTime: Int64?

    var isInRangeMode: Bool { comparedTime != nil }

    /// Distance of the steps in range mode, in milliseconds.
    private static let rangeStep: Int64 = 60_000

    /// The query as it is; with `@` on all selectors, at other times; and all that in range mode.
    ///
    /// - Parameter expression: The tree of the query, nil if it has none: then it is run as it is only.
    static func all(of evaluation: ScriptEvaluation, _ expression: Expression?) -> [ScriptVariant] {
        let time: Int64
        switch evaluation.time {
        case .range(let start, let end, let step):
            let query = ScriptQuery(text: evaluation.query, start: start, end: end, step: step)
            return [ScriptVariant(name: "range query", query: query)]
        case .instant(let itsTime): time = itsTime
        }
        let original = ScriptVariant(
            name: "instant query",
            query: ScriptQuery(text: evaluation.query, start: time, end: time, step: 0)
        )
        guard let expression else { return [original] }
        let variants = [original] + pinned(evaluation, expression, at: time)
        guard allowsRangeMode(evaluation) else { return variants }
        return variants + variants.map(\.inRangeMode)
    }

    private static func pinned(
        _ evaluation: ScriptEvaluation,
        _ expression: Expression,
        at time: Int64
    ) -> [ScriptVariant] {
        guard expression.allowsPinning, !usesTimesOfQuery(evaluation.query) else { return [] }
        let times = time == 0 ? [-1000, 0, 1000] : [-10 * time, 0, time / 5, time, 10 * time]
        let pinned = expression.pinned(at: time)
        return times.map { other in
            ScriptVariant(
                name: "instant query at \(other) with @ on all selectors",
                query: ScriptQuery(
                    text: evaluation.query,
                    expression: pinned,
                    start: other,
                    end: other,
                    step: 0
                )
            )
        }
    }

    private static func allowsRangeMode(_ evaluation: ScriptEvaluation) -> Bool {
        !evaluation.isOrdered && evaluation.expectedString == nil
            && evaluation.rangeVectorTimes == nil && !usesTimesOfQuery(evaluation.query)
    }

    private static func usesTimesOfQuery(_ query: String) -> Bool {
        ["start()", "end()", "range()", "step()"].contains { query.contains($0) }
    }

    private var inRangeMode: ScriptVariant {
        var variant = self
        variant.name += " in range mode"
        variant.comparedTime = query.start
        variant.query.start = query.start - Self.rangeStep
        variant.query.end = query.start + Self.rangeStep
        variant.query.step = Self.rangeStep
        return variant
    }
}
