import CoreMetrics
import Synchronization

/// Observations counted by size.
///
/// A lock instead of atomics, so that count, sum and buckets of one scrape agree.
final class HistogramSeries: MetricSeriesStorage, RecorderHandler, TimerHandler {
    private struct State {
        /// Observations per bucket, not cumulative; the last one is above every bound.
        var counts: [Int64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: Upper bounds, included, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    /// Counts one observation; what is no number is ignored.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    /// A timer counts seconds.
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func lines(labels: [MetricLabel]) -> [MetricFamily.Series] {
        let now = state.withLock { $0 }
        var lines: [MetricFamily.Series] = []
        var total: Int64 = 0
        for (index, count) in now.counts.enumerated() {
            total += count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            lines.append(
                MetricFamily.Series(
                    suffix: "_bucket",
                    labels: labels + [MetricLabel("le", bound)],
                    value: .integer(total)
                )
            )
        }
        lines.append(.init(suffix: "_sum", labels: labels, value: .double(now.sum)))
        lines.append(.init(suffix: "_count", labels: labels, value: .integer(total)))
        return lines
    }
}
