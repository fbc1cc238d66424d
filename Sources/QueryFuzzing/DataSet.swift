internal import MetricsModel
public import PromQL

/// Series for queries to run over.
public struct DataSet: Sendable {
    /// Sorted by labels, which differ; none is empty.
    public var series: [SeriesSamples]

    public init(series: [SeriesSamples]) {
        self.series = series
    }

    /// The series for each selector of a plan, with the samples in its range only.
    public func data(for plan: QueryPlan) -> [[SeriesSamples]] {
        plan.selectors.map { selector in
            series.filter { selector.matchers.allMatch($0.labels) }.compactMap { series in
                let times = series.samples.timestamps
                let start = times.prefix { $0 < selector.range.start }.count
                let end = times.prefix { $0 < selector.range.end }.count
                guard start < end else { return nil }
                return SeriesSamples(
                    labels: series.labels,
                    timestamps: Array(times[start..<end]),
                    values: Array(series.samples.values[start..<end])
                )
            }
        }
    }

    /// The data as a `load` block of the PromQL test language.
    public var script: String {
        var text = "load 1ms\n"
        for one in series {
            text += "    " + Self.metric(one.labels)
            var next: Int64 = 0
            for (time, value) in zip(one.samples.timestamps, one.samples.values) {
                if time > next { text += " _x\(time - next)" }
                text += " " + Self.point(value)
                next = time + 1
            }
            text += "\n"
        }
        return text
    }

    private static func metric(_ labels: Labels) -> String {
        let others = labels.pairs.filter { $0.name != Labels.metricName }
        let list = others.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
        return "\(labels.name){\(list)}"
    }

    private static func point(_ value: Double) -> String {
        if StaleMarker.isMarker(value) { return "stale" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "Inf" }
        return "\(value)"
    }
}

extension DataSet {
    /// Smaller sets: halves first, then without one series, then with fewer samples.
    public var reductions: [DataSet] {
        var result: [DataSet] = []
        let middle = series.count / 2
        if series.count > 1 {
            result.append(DataSet(series: Array(series[..<middle])))
            result.append(DataSet(series: Array(series[middle...])))
        }
        if series.count > 2 {
            for index in series.indices {
                var fewer = series
                fewer.remove(at: index)
                result.append(DataSet(series: fewer))
            }
        }
        for index in series.indices {
            for samples in Self.halves(series[index]) {
                var changed = series
                changed[index] = samples
                result.append(DataSet(series: changed))
            }
        }
        return result
    }

    private static func halves(_ series: SeriesSamples) -> [SeriesSamples] {
        let count = series.samples.timestamps.count
        guard count > 1 else { return [] }
        let middle = count / 2
        return [0..<middle, middle..<count, 1..<count, 0..<count - 1].map { part in
            SeriesSamples(
                labels: series.labels,
                timestamps: Array(series.samples.timestamps[part]),
                values: Array(series.samples.values[part])
            )
        }
    }
}
