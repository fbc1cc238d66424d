import MetricsModel
import PromQL

/// Samples in memory, as scripts load them.
struct ScriptStore {
    private var samples: [Labels: [Int64: Double]] = [:]
    /// Series with samples that cannot be stored, and why.
    private var unsupported: [Labels: ScriptOutcome.Reason] = [:]

    /// What was loaded, by labels and time; made when it is first asked for.
    private var sorted: [SeriesSamples]?

    mutating func append(_ load: ScriptLoad) {
        sorted = nil
        for series in load.series {
            if series.hasStartTimestamps { unsupported[series.labels] = .startTimestamps }
            if load.buildsHistograms { markHistograms(builtFrom: series.labels) }
            for (index, point) in series.points.enumerated() {
                let time = Int64(index) * load.step
                switch point {
                case .gap: break
                case .float(let value): samples[series.labels, default: [:]][time] = value
                case .stale: samples[series.labels, default: [:]][time] = StaleMarker.value
                case .histogram: unsupported[series.labels] = .nativeHistograms
                }
            }
        }
    }

    private mutating func markHistograms(builtFrom labels: Labels) {
        for suffix in ["_bucket", "_sum", "_count"] where labels.name.hasSuffix(suffix) {
            let name = String(labels.name.dropLast(suffix.count))
            let base = labels.setting("le", to: "").setting(Labels.metricName, to: name)
            unsupported[base] = .nativeHistograms
        }
    }

    /// Why the answer to a plan depends on what cannot be stored; nil if it does not.
    func unsupportedReason(for plan: QueryPlan) -> ScriptOutcome.Reason? {
        for (labels, reason) in unsupported
        where plan.selectors.contains(where: { $0.matchers.allMatch(labels) }) {
            return reason
        }
        return nil
    }

    /// The data for a plan: all samples of the series, or only those in the planned ranges.
    mutating func data(for plan: QueryPlan, isPruned: Bool) -> [[SeriesSamples]] {
        let all = sorted ?? sortedSeries()
        sorted = all
        return plan.selectors.map { selector in
            all.filter { selector.matchers.allMatch($0.labels) }.compactMap { series in
                guard isPruned else { return series }
                let start = series.samples.timestamps.prefix { $0 < selector.range.start }.count
                let end = series.samples.timestamps.prefix { $0 < selector.range.end }.count
                guard end > start else { return nil }
                return SeriesSamples(
                    labels: series.labels,
                    timestamps: Array(series.samples.timestamps[start..<end]),
                    values: Array(series.samples.values[start..<end])
                )
            }
        }
    }

    private func sortedSeries() -> [SeriesSamples] {
        samples.map { labels, points in
            let points = points.sorted { $0.key < $1.key }
            return SeriesSamples(
                labels: labels,
                timestamps: points.map(\.key),
                values: points.map(\.value)
            )
        }.sorted { $0.labels < $1.labels }
    }
}
