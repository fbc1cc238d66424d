import CoreMetrics
import Synchronization

/// A value that goes up and down.
final class GaugeSeries: MetricSeriesStorage, MeterHandler, RecorderHandler {
    /// The bit pattern of a Double.
    private let bits = Atomic<UInt64>(0)

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func increment(by amount: Double) { bits.add(amount) }

    func decrement(by amount: Double) { bits.add(-amount) }

    func record(_ value: Int64) { set(value) }

    func record(_ value: Double) { set(value) }

    func lines(labels: [MetricLabel]) -> [MetricFamily.Series] {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        return [MetricFamily.Series(labels: labels, value: .double(value))]
    }
}
