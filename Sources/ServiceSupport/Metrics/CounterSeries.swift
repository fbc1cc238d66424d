import CoreMetrics
import Synchronization

/// A counter: whole increments stay exact, fractions are kept beside them.
final class CounterSeries: MetricSeriesStorage, CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<Int64>(0)
    /// The bit pattern of a Double, zero until somebody adds a fraction.
    private let fractional = Atomic<UInt64>(0)

    /// Adds; a negative amount is ignored, since a counter only grows.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds; amounts that are negative, infinite or no number are ignored.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    /// Starts again at zero, as after a restart of the process.
    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0, ordering: .relaxed)
    }

    var value: MetricFamily.Value {
        let count = whole.load(ordering: .relaxed)
        let fraction = Double(bitPattern: fractional.load(ordering: .relaxed))
        return fraction == 0 ? .integer(count) : .double(Double(count) + fraction)
    }

    func lines(labels: [MetricLabel]) -> [MetricFamily.Series] {
        [MetricFamily.Series(labels: labels, value: value)]
    }
}

extension Atomic where Value == UInt64 {
    /// Adds to the Double whose bit pattern this holds.
    borrowing func add(_ amount: Double) {
        var bits = load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: bits) + amount).bitPattern
            let (exchanged, original) = weakCompareExchange(
                expected: bits,
                desired: sum,
                ordering: .relaxed
            )
            if exchanged { return }
            bits = original
        }
    }
}
