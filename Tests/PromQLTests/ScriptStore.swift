import MetricsModel
import PromQL

/// Samples in memory, as scripts load them.
struct ScriptStore {
    private var samples: [Labels: [Int64: Double]] = [:]
    /// Series with samples that cannot be stored, and why.
    private var unsupported: [Labels: ScriptOutcome.Reason] = [:]

    mutating func append(_ load: ScriptLoad) {
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
    func data(for plan: QueryPlan, isPruned: Bool) -> [[SeriesSamples]] {
        plan.selectors.map { selector in
            let labels = samples.keys.filter { selector.matchers.allMatch($0) }.sorted()
            return labels.compactMap { labels in
                let points = (samples[labels] ?? [:]).filter {
                    !isPruned || selector.range.contains($0.key)
                }.sorted { $0.key < $1.key }
                guard !points.isEmpty else { return nil }
                return SeriesSamples(
                    labels: labels,
                    timestamps: points.map(\.key),
                    values: points.map(\.value)
                )
            }
        }
    }
}
