internal import MetricsModel
internal import PromQL

/// Compares what a query returned with what an `eval` expects; methods return what is wrong, nil for nothing.
struct ResultCheck {
    private let expected: ScriptEvaluation

    init(_ expected: ScriptEvaluation) {
        self.expected = expected
    }

    /// Judges a failure; a nil text is not compared.
    func failure(_ text: String, comparingText: Bool) -> CaseFault? {
        guard let rule = expected.failure else {
            return CaseFault(reason: "the query fails", expected: expectedLines, got: [text])
        }
        guard comparingText, !rule.accepts(text) else { return nil }
        return CaseFault(reason: "another failure", expected: ["\(rule)"], got: [text])
    }

    /// Judges a result, but for its annotations.
    ///
    /// - Parameter variant: How the query was run.
    func result(_ value: QueryResult.Value, _ variant: ScriptVariant) -> CaseFault? {
        if let rule = expected.failure {
            return CaseFault(
                reason: "the query does not fail",
                expected: ["failure: \(rule)"],
                got: ResultText.lines(value)
            )
        }
        if let time = variant.comparedTime { return step(value, at: time) }
        switch value {
        case .string(_, let text): return string(text)
        case .scalar(_, let scalar): return self.scalar(scalar, ResultText.lines(value))
        case .vector(let elements):
            return vector(value, elements.map(\.labels), at: variant.query.start)
        case .matrix: return matrix(value)
        }
    }

    func annotations(_ result: QueryResult) -> CaseFault? {
        annotations(result.warnings, "warning", expected.warnings, expected.forbidsWarnings)
            ?? annotations(result.infos, "info", expected.infos, expected.forbidsInfos)
    }

    // MARK: Kinds of results

    private func string(_ text: String) -> CaseFault? {
        guard text != expected.expectedString else { return nil }
        return CaseFault(reason: "another string", expected: expectedLines, got: ["\"\(text)\""])
    }

    private func scalar(_ value: Double, _ got: [String]) -> CaseFault? {
        guard let scalar = expected.expectedScalar else {
            return CaseFault(reason: "an unexpected scalar", expected: expectedLines, got: got)
        }
        guard !scalar.isClose(to: value) else { return nil }
        return CaseFault(reason: "another value", expected: expectedLines, got: got)
    }

    private func vector(
        _ value: QueryResult.Value,
        _ order: [Labels],
        at time: Int64
    ) -> CaseFault? {
        if let fault = unexpectedKind(value) ?? series(value.series, start: time, step: 1) {
            return fault
        }
        let wanted = expected.expectedSeries.map(\.labels)
        guard expected.isOrdered, order != wanted else { return nil }
        return CaseFault(
            reason: "another order",
            expected: ResultText.bounded(wanted.map(\.description)),
            got: ResultText.bounded(order.map(\.description))
        )
    }

    private func matrix(_ value: QueryResult.Value) -> CaseFault? {
        let (start, step) = expected.pointTimes
        return unexpectedKind(value) ?? order(value.series)
            ?? series(value.series, start: start, step: step)
    }

    /// Compares one step of a matrix with the expected vector or scalar.
    private func step(_ value: QueryResult.Value, at time: Int64) -> CaseFault? {
        guard case .matrix = value else {
            return CaseFault(
                reason: "no matrix",
                expected: expectedLines,
                got: ResultText.lines(value)
            )
        }
        if let fault = order(value.series) { return fault }
        let series = value.series.compactMap { series in
            series.points[time].map { ResultPoints(labels: series.labels, points: [time: $0]) }
        }
        guard expected.expectedScalar != nil else {
            return self.series(series, start: time, step: 1)
        }
        guard series.count == 1, series[0].labels.isEmpty,
            case .float(let scalar)? = series[0].points[time]
        else {
            return CaseFault(
                reason: "no scalar",
                expected: expectedLines,
                got: ResultText.bounded(series.map(ResultText.line))
            )
        }
        return self.scalar(scalar, ["scalar \(ResultText.text(scalar))"])
    }

    // MARK: Parts of results

    private func unexpectedKind(_ value: QueryResult.Value) -> CaseFault? {
        guard expected.expectedScalar != nil || expected.expectedString != nil else { return nil }
        return CaseFault(
            reason: "another kind of result",
            expected: expectedLines,
            got: ResultText.lines(value)
        )
    }

    private func order(_ series: [ResultPoints]) -> CaseFault? {
        for (one, next) in zip(series, series.dropFirst()) where !(one.labels < next.labels) {
            return CaseFault(
                reason: "the series are not sorted",
                got: [one.labels.description, next.labels.description]
            )
        }
        return nil
    }

    /// - Parameters:
    ///   - start: Time of the first point, in milliseconds.
    ///   - step: Milliseconds between points.
    private func series(_ got: [ResultPoints], start: Int64, step: Int64) -> CaseFault? {
        var found: [Labels: [Int64: SampleValue]] = [:]
        for series in got {
            guard found.updateValue(series.points, forKey: series.labels) == nil else {
                return CaseFault(reason: "\(series.labels) is there twice")
            }
        }
        for series in expected.expectedSeries {
            guard let points = found.removeValue(forKey: series.labels) else {
                return CaseFault(
                    reason: "\(series.labels) is missing",
                    expected: [Self.line(series)],
                    got: ResultText.bounded(got.map(ResultText.line))
                )
            }
            if let fault = Self.points(points, series, start: start, step: step) { return fault }
        }
        guard let extra = got.first(where: { found[$0.labels] != nil }) else { return nil }
        return CaseFault(
            reason: "\(extra.labels) is not expected",
            expected: expectedLines,
            got: [ResultText.line(extra)]
        )
    }

    private static func points(
        _ points: [Int64: SampleValue],
        _ series: ScriptEvaluation.ExpectedSeries,
        start: Int64,
        step: Int64
    ) -> CaseFault? {
        var rest = points
        var firstDifference: Int64?
        for (index, point) in series.points.enumerated() {
            let time = start + Int64(index) * step
            let value = rest.removeValue(forKey: time)
            if !point.isClose(to: value) { firstDifference = firstDifference ?? time }
        }
        if let time = rest.keys.min() {
            return CaseFault(
                reason: "\(series.labels) has a point more, at \(time)",
                expected: [line(series)],
                got: [ResultText.line(ResultPoints(labels: series.labels, points: points))]
            )
        }
        guard let firstDifference else { return nil }
        return CaseFault(
            reason: "\(series.labels) differs at \(firstDifference)",
            expected: [line(series)],
            got: [
                "\(series.labels) "
                    + ResultText.points(
                        points,
                        start: start,
                        step: step,
                        count: series.points.count
                    )
            ]
        )
    }

    private func annotations(
        _ texts: [String],
        _ kind: String,
        _ rules: [TextRule],
        _ areForbidden: Bool
    ) -> CaseFault? {
        let got = ResultText.bounded(texts)
        if areForbidden, !texts.isEmpty {
            return CaseFault(reason: "an unexpected \(kind)", expected: ["no \(kind)"], got: got)
        }
        guard !rules.isEmpty else { return nil }
        let expected = rules.map { "\(kind): \($0)" }
        for rule in rules where !texts.contains(where: rule.accepts) {
            return CaseFault(reason: "no \(kind) is \(rule)", expected: expected, got: got)
        }
        for text in texts where !rules.contains(where: { $0.accepts(text) }) {
            return CaseFault(reason: "an unexpected \(kind)", expected: expected, got: [text])
        }
        return nil
    }

    // MARK: Texts

    private var expectedLines: [String] {
        if let scalar = expected.expectedScalar { return ["scalar \(ResultText.text(scalar))"] }
        if let string = expected.expectedString { return ["string \"\(string)\""] }
        return ResultText.bounded(expected.expectedSeries.map(Self.line))
    }

    private static func line(_ series: ScriptEvaluation.ExpectedSeries) -> String {
        "\(series.labels) \(series.points.map(ResultText.text).joined(separator: " "))"
    }
}

extension ScriptPoint {
    fileprivate func isClose(to value: SampleValue?) -> Bool {
        switch (self, value) {
        case (.gap, nil): true
        case (.float(let wanted), .float(let found)?): wanted.isClose(to: found)
        case (.histogram(let wanted), .histogram(let found)?):
            wanted.value.isClose(to: found, comparingHints: wanted.statesHint)
        default: false
        }
    }
}
