public import MetricsModel

extension Histogram {
    /// The histogram with all counts and the sum multiplied; a negative factor makes it a gauge.
    public func multiplied(by factor: Double) -> Histogram {
        var result = self
        result.multiply(by: factor)
        return result
    }

    /// The histogram with all counts and the sum divided; a negative divisor makes it a gauge.
    ///
    /// Division by 0 leaves infinities or NaN and no buckets.
    public func divided(by divisor: Double) -> Histogram {
        var result = self
        result.divide(by: divisor)
        return result
    }

    /// What unary minus gives: always a gauge.
    public var negated: Histogram { multiplied(by: -1) }

    mutating func multiply(by factor: Double) {
        zeroCount *= factor
        count *= factor
        sum *= factor
        for position in positive.counts.indices { positive.counts[position] *= factor }
        for position in negative.counts.indices { negative.counts[position] *= factor }
        if factor < 0 { resetHint = .gauge }
    }

    mutating func divide(by divisor: Double) {
        zeroCount /= divisor
        count /= divisor
        sum /= divisor
        guard divisor != 0 else {
            positive = .none
            negative = .none
            return
        }
        for position in positive.counts.indices { positive.counts[position] /= divisor }
        for position in negative.counts.indices { negative.counts[position] /= divisor }
        if divisor < 0 { resetHint = .gauge }
    }
}
