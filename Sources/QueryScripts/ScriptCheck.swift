import MetricsModel
import PromQL

/// Compares results with what an `eval` expects; methods return what is wrong, nil for nothing.
struct ScriptCheck {
    private let expected: ScriptEvaluation

    init(_ expected: ScriptEvaluation) {
        self.expected = expected
    }

    /// Judges a failure; a nil text is not compared.
    func failure(_ text: String?) -> String? {
        guard let rule = expected.failure else { return "failed: \(text ?? "")" }
        guard let text, !rule.accepts(text) else { return nil }
        return "failed with another text: \(text)"
    }

    func result(_ result: QueryResult, _ variant: ScriptVariant) -> String? {
        if expected.failure != nil { return "did not fail" }
        if variant.isOriginal, let reason = annotations(result) { return reason }
        if let time = variant.comparedTime { return step(result.value, at: time) }
        switch result.value {
        case .string(_, let text):
            return text == expected.expectedString ? nil : "string \(text)"
        case .scalar(_, let value):
            guard let scalar = expected.expectedScalar else { return "unexpected scalar \(value)" }
            return Self.isClose(scalar, value) ? nil : "scalar \(value)"
        case .vector(let elements):
            return vector(elements.map { ($0.labels, $0.value.float ?? .nan) })
        case .matrix(let series):
            return matrix(series)
        }
    }

    private func annotations(_ result: QueryResult) -> String? {
        if expected.forbidsWarnings, !result.warnings.isEmpty { return "\(result.warnings)" }
        if expected.forbidsInfos, !result.infos.isEmpty { return "\(result.infos)" }
        let kinds = [(expected.warnings, result.warnings), (expected.infos, result.infos)]
        for (rules, texts) in kinds where !rules.isEmpty {
            for rule in rules where !texts.contains(where: rule.accepts) {
                return "no annotation as \(rule) in \(texts)"
            }
            for text in texts where !rules.contains(where: { $0.accepts(text) }) {
                return "unexpected annotation \(text)"
            }
        }
        return nil
    }

    private func vector(_ elements: [(labels: Labels, value: Double)]) -> String? {
        if expected.expectedScalar != nil { return "a vector instead of a scalar" }
        guard elements.count == expected.expectedSeries.count else { return "\(elements)" }
        for (index, (labels, points)) in expected.expectedSeries.enumerated() {
            guard points.count == 1, case .float(let value) = points[0] else {
                return "not one float is expected for \(labels)"
            }
            let position = elements.firstIndex { $0.labels == labels }
            guard let position, Self.isClose(elements[position].value, value) else {
                return "\(labels) in \(elements)"
            }
            if expected.isOrdered, position != index { return "order of \(elements)" }
        }
        return nil
    }

    private func matrix(_ series: [QueryResult.ResultSeries]) -> String? {
        for (one, next) in zip(series, series.dropFirst()) where !(one.labels < next.labels) {
            return "not sorted: \(one.labels), \(next.labels)"
        }
        var start: Int64 = 0
        var step: Int64 = 0
        if let times = expected.rangeVectorTimes {
            (start, step) = times
        } else if case .range(let first, _, let distance) = expected.time {
            (start, step) = (first, distance)
        }
        guard series.count == expected.expectedSeries.count else { return "\(series)" }
        for (labels, points) in expected.expectedSeries {
            guard let found = series.first(where: { $0.labels == labels }) else {
                return "no \(labels) in \(series)"
            }
            var wanted: [(Int64, Double)] = []
            for (index, point) in points.enumerated() {
                if case .float(let value) = point {
                    wanted.append((start + Int64(index) * step, value))
                }
            }
            guard found.timestamps == wanted.map(\.0),
                zip(found.values, wanted).allSatisfy({ Self.isClose($0, $1.1) })
            else { return "\(labels) \(found.timestamps) \(found.values)" }
        }
        return nil
    }

    /// Compares one step of a matrix with the expected vector or scalar.
    private func step(_ value: QueryResult.Value, at time: Int64) -> String? {
        guard case .matrix(let series) = value else { return "no matrix: \(value)" }
        var elements: [(labels: Labels, value: Double)] = []
        for one in series {
            guard let index = one.timestamps.firstIndex(of: time) else { continue }
            elements.append((one.labels, one.values[index]))
        }
        guard let scalar = expected.expectedScalar else { return vector(elements) }
        guard elements.count == 1, Self.isClose(elements[0].value, scalar) else {
            return "\(elements) instead of a scalar"
        }
        return nil
    }

    /// Equal up to a relative difference of a millionth.
    static func isClose(_ left: Double, _ right: Double) -> Bool {
        if StaleMarker.isMarker(left) || StaleMarker.isMarker(right) {
            return left.bitPattern == right.bitPattern
        }
        if left == right || (left.isNaN && right.isNaN) { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < 1e-6 * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < 1e-6
    }

    /// Whether two results agree bit for bit.
    static func isSame(_ left: QueryResult, _ right: QueryResult) -> Bool {
        left.warnings == right.warnings && left.infos == right.infos
            && lines(left.value) == lines(right.value)
    }

    private static func lines(_ value: QueryResult.Value) -> [String] {
        switch value {
        case .scalar(let time, let value): ["\(time) \(value.bitPattern)"]
        case .string(let time, let text): ["\(time) \(text)"]
        case .vector(let elements):
            elements.map { "\($0.labels) \($0.timestamp) \($0.value.float?.bitPattern ?? 0)" }
        case .matrix(let series):
            series.map { "\($0.labels) \($0.timestamps) \($0.values.map(\.bitPattern))" }
        }
    }
}

extension ScriptEvaluation.TextRule {
    func accepts(_ text: String) -> Bool {
        switch self {
        case .any: return true
        case .equal(let wanted): return text == wanted
        case .matches(let pattern):
            guard let expression = try? RegularExpression(".*(?:\(pattern)).*") else {
                return false
            }
            return expression.matches(text)
        }
    }
}
