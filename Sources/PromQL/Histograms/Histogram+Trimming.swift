internal import Glibc
internal import MetricsModel

extension Histogram {
    /// Which observations stay when a histogram is cut at a value.
    enum KeptSide {
        case below
        case above
    }

    /// The observations on one side of a value: the operators `</` and `>/`.
    ///
    /// A bucket that is cut keeps the interpolated share. If anything is cut, the count is what stays in buckets
    /// and the sum is estimated from their middles; otherwise both are unchanged.
    func trimmed(at limit: Double, keeping side: KeptSide) -> Histogram {
        var result = self
        var rest = TrimRest()
        let limits = TrimLimits(limit: limit, side: side)
        let isLinear = usesCustomBounds
        for position in positive.indexes.indices where positive.counts[position] != 0 {
            let bucket = positiveBucket(at: position)
            let kept = limits.kept(of: bucket, isLinear: isLinear)
            rest.add(kept, of: &result.positive.counts[position])
        }
        for position in negative.indexes.indices where negative.counts[position] != 0 {
            let bucket = negativeBucket(at: position)
            let kept = limits.kept(of: bucket, isLinear: isLinear)
            rest.add(kept, of: &result.negative.counts[position])
        }
        if zeroCount > 0, !usesCustomBounds {
            let kept = limits.keptOfZeroBucket(populatedZeroBucket)
            rest.add(kept, of: &result.zeroCount)
        }
        if rest.hasLost {
            result.count = rest.count
            result.sum = rest.sum
            result.compact()
        }
        return result
    }

    /// The zero bucket, which ends at 0 on a side without observations while the other one has some.
    private var populatedZeroBucket: HistogramBucket {
        let hasPositive = positive.counts.contains { $0 != 0 }
        let hasNegative = negative.counts.contains { $0 != 0 }
        var bucket = zeroBucket
        if hasPositive, !hasNegative { bucket.lower = 0 }
        if hasNegative, !hasPositive { bucket.upper = 0 }
        return bucket
    }
}

/// What of one bucket stays.
private struct KeptShare {
    var count: Double
    /// Where the observations that stay are thought to lie.
    var middle: Double
}

/// What of all buckets stays.
private struct TrimRest {
    var count = 0.0
    var sum = 0.0
    var hasLost = false

    mutating func add(_ kept: KeptShare, of bucketCount: inout Double) {
        count += kept.count
        sum += kept.middle * kept.count
        if bucketCount != kept.count {
            bucketCount = kept.count
            hasLost = true
        }
    }
}

/// Where a histogram is cut, and which side stays.
private struct TrimLimits {
    let limit: Double
    let side: Histogram.KeptSide

    func kept(of bucket: HistogramBucket, isLinear: Bool) -> KeptShare {
        let isAllKept = side == .below ? bucket.upper <= limit : bucket.lower >= limit
        if isAllKept {
            let middle = Self.middle(bucket.lower, bucket.upper, like: bucket, isLinear: isLinear)
            return KeptShare(count: bucket.count, middle: middle)
        }
        let isCut = side == .below ? bucket.lower < limit : bucket.upper > limit
        guard isCut else { return KeptShare(count: 0, middle: 0) }
        if bucket.lower == -.infinity { return keptFromInfinity(of: bucket) }
        if bucket.upper == .infinity { return keptToInfinity(of: bucket) }
        let below =
            limit <= bucket.lower || limit >= bucket.upper
            ? (limit <= bucket.lower ? 0 : bucket.count)
            : bucket.count * bucket.share(below: limit, isLinear: isLinear)
        switch side {
        case .below:
            let middle = Self.middle(bucket.lower, limit, like: bucket, isLinear: isLinear)
            return KeptShare(count: below, middle: middle)
        case .above:
            let middle = Self.middle(limit, bucket.upper, like: bucket, isLinear: isLinear)
            return KeptShare(count: bucket.count - below, middle: middle)
        }
    }

    func keptOfZeroBucket(_ bucket: HistogramBucket) -> KeptShare {
        let all = KeptShare(count: bucket.count, middle: (bucket.lower + bucket.upper) / 2)
        let none = KeptShare(count: 0, middle: 0)
        if limit <= bucket.lower { return side == .below ? none : all }
        if limit >= bucket.upper { return side == .below ? all : none }
        let width = bucket.upper - bucket.lower
        switch side {
        case .below:
            let share = (limit - bucket.lower) / width
            return KeptShare(count: bucket.count * share, middle: (bucket.lower + limit) / 2)
        case .above:
            let share = (bucket.upper - limit) / width
            return KeptShare(count: bucket.count * share, middle: (limit + bucket.upper) / 2)
        }
    }

    /// A cut bucket from −Inf: with a positive upper bound it is taken to begin at 0.
    private func keptFromInfinity(of bucket: HistogramBucket) -> KeptShare {
        let isBounded = bucket.upper != .infinity
        switch side {
        case .below:
            if limit > 0, bucket.upper > 0, isBounded {
                return KeptShare(count: bucket.count * limit / bucket.upper, middle: limit / 2)
            }
            if bucket.upper <= 0 { return KeptShare(count: bucket.count, middle: limit) }
        case .above:
            if limit == -.infinity { return KeptShare(count: bucket.count, middle: 0) }
            if limit >= 0, bucket.upper > limit, isBounded {
                let count = bucket.count * (1 - limit / bucket.upper)
                return KeptShare(count: count, middle: (limit + bucket.upper) / 2)
            }
        }
        return KeptShare(count: 0, middle: 0)
    }

    /// A cut bucket up to +Inf: above the limit all of it may lie.
    private func keptToInfinity(of bucket: HistogramBucket) -> KeptShare {
        side == .above && limit >= bucket.lower
            ? KeptShare(count: bucket.count, middle: limit) : KeptShare(count: 0, middle: 0)
    }

    /// The middle of what stays of a bucket.
    private static func middle(
        _ lower: Double,
        _ upper: Double,
        like bucket: HistogramBucket,
        isLinear: Bool
    ) -> Double {
        if lower.isInfinite {
            if upper.isInfinite { return 0 }
            return upper > 0 ? upper / 2 : upper
        }
        if upper.isInfinite { return lower }
        if isLinear { return (lower + upper) / 2 }
        let middle = sqrt((lower * upper).magnitude)
        return bucket.includesUpper ? middle : -middle
    }
}
