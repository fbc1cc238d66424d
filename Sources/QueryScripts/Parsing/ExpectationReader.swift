internal import MetricsModel
internal import PromQL

/// Reads what an `eval` block expects, line by line.
struct ExpectationReader {
    private var evaluation: ScriptEvaluation
    private var known: Set<Labels> = []

    init(_ header: ScriptEvaluation) {
        evaluation = header
    }

    mutating func take(_ text: String, _ line: Int) throws(SyntaxFault) {
        let word = text.prefix { !$0.isWhitespace }
        let rest = ScriptParser.trimmed(text.dropFirst(word.count))
        switch word {
        case "expect": try expect(rest)
        case "expected_fail_message": try fail(with: .equal(rest))
        case "expected_fail_regexp": try fail(with: try TextRule(pattern: rest))
        default: try result(text, line)
        }
    }

    /// - Throws: What contradicts itself.
    func finished() throws(SyntaxFault) -> ScriptEvaluation {
        let hasResult = evaluation.expectedScalar != nil || !evaluation.expectedSeries.isEmpty
        if evaluation.forbidsWarnings, !evaluation.warnings.isEmpty {
            throw SyntaxFault(reason: "both warn and no_warn are expected")
        }
        if evaluation.forbidsInfos, !evaluation.infos.isEmpty {
            throw SyntaxFault(reason: "both info and no_info are expected")
        }
        if hasResult || evaluation.expectedString != nil, evaluation.failure != nil {
            throw SyntaxFault(reason: "both a failure and a result are expected")
        }
        if hasResult, evaluation.expectedString != nil {
            throw SyntaxFault(reason: "both a string and another result are expected")
        }
        if case .range = evaluation.time {
            if evaluation.isOrdered { throw SyntaxFault(reason: "a range query has no order") }
            if evaluation.rangeVectorTimes != nil || evaluation.expectedString != nil {
                throw SyntaxFault(reason: "a range query returns no string and no range vector")
            }
        }
        for series in evaluation.expectedSeries { try check(series) }
        return evaluation
    }

    // MARK: Results

    private mutating func result(_ text: String, _ line: Int) throws(SyntaxFault) {
        guard evaluation.expectedScalar == nil else {
            throw SyntaxFault(reason: "nothing may follow a scalar")
        }
        if let scalar = ScalarText.value(text) {
            guard evaluation.expectedSeries.isEmpty else {
                throw SyntaxFault(reason: "both series and a scalar are expected")
            }
            evaluation.expectedScalar = scalar
            return
        }
        let (metric, rest) = SeriesLineParser.split(text)
        let labels = try SeriesLineParser.labels(metric)
        let points = try PointParser.points(rest)
        guard known.insert(labels).inserted else {
            throw SyntaxFault(reason: "the series \(metric) is expected twice")
        }
        evaluation.expectedSeries.append(
            ScriptEvaluation.ExpectedSeries(line: line, labels: labels, points: points)
        )
    }

    /// Checks the number of points; all lines are read, so it is known whether they are a range vector.
    private func check(_ series: ScriptEvaluation.ExpectedSeries) throws(SyntaxFault) {
        let points = series.points
        if case .instant = evaluation.time, evaluation.rangeVectorTimes == nil {
            guard points.count == 1, !points[0].isGap else {
                throw SyntaxFault(
                    reason: "an instant query has exactly one point per series",
                    line: series.line
                )
            }
            return
        }
        guard points.count <= evaluation.maximumPoints else {
            throw SyntaxFault(
                reason: "\(points.count) points for \(evaluation.maximumPoints) steps",
                line: series.line
            )
        }
        guard points.contains(where: { !$0.isGap }) else {
            throw SyntaxFault(
                reason: "a series without points is in no result",
                line: series.line
            )
        }
    }

    // MARK: Rules

    private mutating func expect(_ text: String) throws(SyntaxFault) {
        let word = text.prefix { !$0.isWhitespace }
        let rest = ScriptParser.trimmed(text.dropFirst(word.count))
        switch word {
        case "fail":
            guard evaluation.failure == nil else {
                throw SyntaxFault(reason: "fail is expected twice")
            }
            evaluation.failure = try TextRule(rest)
        case "warn": evaluation.warnings.append(try TextRule(rest))
        case "info": evaluation.infos.append(try TextRule(rest))
        case "no_warn" where rest.isEmpty: evaluation.forbidsWarnings = true
        case "no_info" where rest.isEmpty: evaluation.forbidsInfos = true
        case "ordered" where rest.isEmpty: evaluation.isOrdered = true
        case "string": evaluation.expectedString = try string(rest)
        case "range": try rangeVector(rest)
        default: throw SyntaxFault(reason: "unknown expectation \"\(text)\"")
        }
    }

    /// Says more of a failure that a deprecated `eval_fail` expects.
    private mutating func fail(with rule: TextRule) throws(SyntaxFault) {
        guard case .any = evaluation.failure else {
            throw SyntaxFault(reason: "the text of a failure without eval_fail")
        }
        evaluation.failure = rule
    }

    private func string(_ text: String) throws(SyntaxFault) -> String {
        guard text.hasPrefix("\"") || text.hasPrefix("`"),
            case .string(let literal)? = try? Parser.parse(text)
        else { throw SyntaxFault(reason: "not a quoted string: \(text)") }
        return literal.value
    }

    private mutating func rangeVector(_ text: String) throws(SyntaxFault) {
        var words = text.split(whereSeparator: \.isWhitespace)[...]
        guard words.popFirst() == "vector" else {
            throw SyntaxFault(reason: "unknown expectation \"range \(text)\"")
        }
        evaluation.rangeVectorTimes = try EvaluationHeader.times(&words)
        guard words.isEmpty else {
            throw SyntaxFault(reason: "unknown expectation \"range \(text)\"")
        }
    }
}

extension ScriptPoint {
    fileprivate var isGap: Bool {
        if case .gap = self { true } else { false }
    }
}
