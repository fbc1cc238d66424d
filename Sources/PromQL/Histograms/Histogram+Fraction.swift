internal import MetricsModel

extension Histogram {
    /// The share of the observations between two values, estimated from the buckets.
    ///
    /// NaN if a bound is NaN or without observations, 0 unless `lower` is below `upper`. Observations of NaN
    /// belong to no fraction but to the whole.
    func fraction(from lower: Double, to upper: Double) -> HistogramEstimate {
        if count == 0 || lower.isNaN || upper.isNaN { return HistogramEstimate(.nan) }
        if lower >= upper { return HistogramEstimate(0) }
        var total = count
        var notes: HistogramNotes = []
        if sum.isNaN {
            total = buckets.reduce(0) { $0 + $1.count }
            if total < count { notes = .fractionExcludesNaN }
        }
        let difference = rank(of: upper, total: total) - rank(of: lower, total: total)
        return HistogramEstimate(difference / count, notes)
    }

    /// How many observations lie below a value.
    private func rank(of value: Double, total: Double) -> Double {
        var rank = 0.0
        for listed in buckets {
            let isZero = listed.lower <= 0 && listed.upper >= 0
            let bucket = isZero ? narrowed(listed) : listed
            if bucket.lower >= value { return rank > total ? total : rank }
            if bucket.lower < value, bucket.upper > value {
                let result = rank + share(of: bucket, below: value, isZero: isZero)
                return result > total ? total : result
            }
            rank += bucket.count
        }
        return total
    }

    private func share(
        of bucket: HistogramBucket,
        below value: Double,
        isZero: Bool
    ) -> Double {
        let isLinear = usesCustomBounds || isZero
        // Nothing can be said about where in it they lie: all of them count.
        if isLinear, bucket.lower == -.infinity { return bucket.count }
        return bucket.count * bucket.share(below: value, isLinear: isLinear)
    }
}
