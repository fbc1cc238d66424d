/// A sum that carries its rounding error along (Kahan's method with Neumaier's improvement).
struct KahanSum: Sendable {
    var sum: Double
    var compensation: Double

    init(_ sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    mutating func add(_ value: Double) {
        let total = sum + value
        if total.isInfinite {
            compensation = 0
        } else if sum.magnitude >= value.magnitude {
            compensation += (sum - total) + value
        } else {
            compensation += (value - total) + sum
        }
        sum = total
    }

    var total: Double { sum + compensation }

    /// The sum of both.
    func merged(with other: KahanSum) -> KahanSum {
        var result = self
        result.add(other.sum)
        if !result.sum.isInfinite { result.compensation += other.compensation }
        return result
    }
}

/// A mean that is a sum divided by a count, unless the sum overflows.
struct MeanAccumulator: Sendable {
    private var state: KahanSum
    private var count: Double
    /// Whether ``state`` is a mean already instead of a sum.
    private var isIncremental = false

    /// No values yet.
    init() {
        // -0 is what added to any number leaves it as it is.
        state = KahanSum(-0.0)
        count = 0
    }

    init(_ first: Double) {
        state = KahanSum(first)
        count = 1
    }

    var isEmpty: Bool { count == 0 }

    mutating func add(_ value: Double) {
        guard count > 0 else {
            self = MeanAccumulator(value)
            return
        }
        count += 1
        if !isIncremental {
            var next = state
            next.add(value)
            if !next.sum.isInfinite {
                state = next
                return
            }
            isIncremental = true
            state.sum /= count - 1
            state.compensation /= count - 1
        }
        let share = (count - 1) / count
        var next = KahanSum(share * state.sum, compensation: share * state.compensation)
        next.add(value / count)
        state = next
    }

    /// Adds all values of another mean.
    mutating func merge(_ other: MeanAccumulator) {
        guard !other.isEmpty else { return }
        guard !isEmpty else {
            self = other
            return
        }
        let total = count + other.count
        if !isIncremental, !other.isIncremental {
            let next = state.merged(with: other.state)
            if !next.sum.isInfinite {
                state = next
                count = total
                return
            }
        }
        let (share, otherShare) = (weight(in: total), other.weight(in: total))
        let scaled = KahanSum(share * state.sum, compensation: share * state.compensation)
        state = scaled.merged(
            with: KahanSum(
                otherShare * other.state.sum,
                compensation: otherShare * other.state.compensation
            )
        )
        count = total
        isIncremental = true
    }

    /// What the state is multiplied by to become its part of a mean over `total` values.
    private func weight(in total: Double) -> Double { isIncremental ? count / total : 1 / total }

    var mean: Double {
        isIncremental ? state.total : state.sum / count + state.compensation / count
    }
}
