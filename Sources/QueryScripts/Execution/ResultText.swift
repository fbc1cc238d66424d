internal import MetricsModel
internal import PromQL

/// Results as scripts would write them.
enum ResultText {
    /// Bound on the lines of a list in a report.
    static let maximumLines = 20

    /// One line for each series, with times where they are not those of the script.
    static func lines(_ value: QueryResult.Value) -> [String] {
        switch value {
        case .scalar(_, let value): ["scalar \(text(value))"]
        case .string(_, let text): ["string \"\(text)\""]
        case .vector, .matrix: bounded(value.series.map(line))
        }
    }

    static func line(_ series: ResultPoints) -> String {
        let points = series.points.sorted { $0.key < $1.key }
        return "\(series.labels) "
            + points.map { "\(text($0.value))@\($0.key)" }.joined(separator: " ")
    }

    static func bounded(_ lines: [String]) -> [String] {
        guard !lines.isEmpty else { return ["nothing"] }
        guard lines.count > maximumLines else { return lines }
        return lines.prefix(maximumLines) + ["and \(lines.count - maximumLines) more"]
    }

    /// The points of a series at `count` steps.
    static func points(
        _ points: [Int64: SampleValue],
        start: Int64,
        step: Int64,
        count: Int
    ) -> String {
        (0..<Int64(count)).map { index in
            points[start + index * step].map(text) ?? "_"
        }.joined(separator: " ")
    }

    static func text(_ point: ScriptPoint) -> String {
        switch point {
        case .gap: "_"
        case .float(let value): text(value)
        case .histogram(let histogram): text(histogram.value, showingHint: histogram.statesHint)
        }
    }

    static func text(_ value: SampleValue) -> String {
        switch value {
        case .float(let value): text(value)
        case .histogram(let histogram): text(histogram, showingHint: true)
        }
    }

    static func text(_ value: Double) -> String {
        if StaleMarker.isMarker(value) { return "stale" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func text(_ histogram: Histogram, showingHint: Bool) -> String {
        var parts = [
            "schema:\(histogram.schema)", "count:\(text(histogram.count))",
            "sum:\(text(histogram.sum))",
        ]
        if histogram.zeroCount != 0 { parts.append("z_bucket:\(text(histogram.zeroCount))") }
        if histogram.zeroThreshold != 0 {
            parts.append("z_bucket_w:\(text(histogram.zeroThreshold))")
        }
        parts += text(histogram.positive, "")
        parts += text(histogram.negative, "n_")
        if histogram.usesCustomBounds {
            parts.append(
                "custom_values:[\(histogram.customBounds.map(text).joined(separator: " "))]"
            )
        }
        if showingHint { parts.append("counter_reset_hint:\(text(histogram.resetHint))") }
        return "{{\(parts.joined(separator: " "))}}"
    }

    private static func text(_ buckets: Histogram.Buckets, _ prefix: String) -> [String] {
        let populated = zip(buckets.indexes, buckets.counts).filter { $0.1 != 0 }
        guard let first = populated.first?.0, let last = populated.last?.0 else { return [] }
        // Far apart, they are more readable one by one.
        guard last - first < 200 else {
            return ["\(prefix)buckets:\(populated.map { "\($0.0)=\(text($0.1))" })"]
        }
        let counts = (first...last).map { index in
            text(populated.first { $0.0 == index }?.1 ?? 0)
        }
        let offset = first == 0 ? [] : ["\(prefix)offset:\(first)"]
        return offset + ["\(prefix)buckets:[\(counts.joined(separator: " "))]"]
    }

    private static func text(_ hint: Histogram.ResetHint) -> String {
        switch hint {
        case .unknown: "unknown"
        case .reset: "reset"
        case .notReset: "not_reset"
        case .gauge: "gauge"
        }
    }
}
