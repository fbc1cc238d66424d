/// A sum that carries its rounding error along (Kahan's method with Neumaier's improvement).
struct KahanSum {
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
}

/// A mean that is a sum divided by a count, unless the sum overflows.
struct MeanAccumulator {
    private var state: KahanSum
    private var count = 1.0
    /// Whether ``state`` is a mean already instead of a sum.
    private var isIncremental = false

    init(_ first: Double) {
        state = KahanSum(first)
    }

    mutating func add(_ value: Double) {
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

    var mean: Double {
        isIncremental ? state.total : state.sum / count + state.compensation / count
    }
}
