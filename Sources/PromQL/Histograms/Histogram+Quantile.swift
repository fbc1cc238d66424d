internal import MetricsModel

extension Histogram {
    /// The value below which a share of the observations lies, estimated from the buckets.
    ///
    /// −Inf below 0, +Inf above 1, NaN for NaN and for a histogram without observations. Observations of NaN
    /// rank above all buckets.
    func quantile(_ share: Double) -> HistogramEstimate {
        if share < 0 { return HistogramEstimate(-.infinity) }
        if share > 1 { return HistogramEstimate(.infinity) }
        if count == 0 || share.isNaN { return HistogramEstimate(.nan) }
        // Observations of NaN are counted but in no bucket: only the way up gives the right rank.
        let goesUp = sum.isNaN || share < 0.5
        let rank = (goesUp ? share : 1 - share) * count
        let buckets = buckets
        let found =
            goesUp
            ? Self.bucket(in: buckets, reaching: rank)
            : Self.bucket(in: buckets.reversed(), reaching: rank)
        var bucket = found.bucket
        if let fixed = fixedQuantile(&bucket) { return HistogramEstimate(fixed) }
        // Rounding must not make the buckets hold more than there is.
        let reached = min(found.reached, count)
        if reached < rank {
            return sum.isNaN
                ? HistogramEstimate(.nan, .quantileIsNaN) : HistogramEstimate(bucket.upper)
        }
        let isSkewed = sum.isNaN && reached + found.rest() < count
        let position = goesUp ? rank - (reached - bucket.count) : reached - rank
        let isLinear = usesCustomBounds || (bucket.lower <= 0 && bucket.upper >= 0)
        return HistogramEstimate(
            bucket.value(at: position / bucket.count, isLinear: isLinear),
            isSkewed ? .quantileIsSkewed : []
        )
    }

    /// The bucket with which a walk reaches a rank, otherwise the last one that is not empty.
    private struct WalkEnd {
        var bucket: HistogramBucket
        /// The count of all buckets up to this one.
        var reached: Double
        /// The count of all buckets behind this one.
        var rest: () -> Double
    }

    private static func bucket(
        in buckets: some Collection<HistogramBucket>,
        reaching rank: Double
    ) -> WalkEnd {
        var last = HistogramBucket(
            lower: 0,
            upper: 0,
            includesLower: false,
            includesUpper: false,
            count: 0
        )
        var reached = 0.0
        var position = buckets.startIndex
        while position != buckets.endIndex {
            let bucket = buckets[position]
            buckets.formIndex(after: &position)
            last = bucket
            if bucket.count == 0 { continue }
            reached += bucket.count
            if reached >= rank { break }
        }
        let behind = buckets[position...]
        return WalkEnd(bucket: last, reached: reached) {
            behind.reduce(0) { $0 + $1.count }
        }
    }

    /// Narrows a bucket for interpolation, or gives the answer where its bounds allow none.
    private func fixedQuantile(_ bucket: inout HistogramBucket) -> Double? {
        guard usesCustomBounds else {
            if bucket.lower < 0, bucket.upper > 0 { bucket = narrowed(bucket) }
            return nil
        }
        if bucket.lower == -.infinity {
            if bucket.upper <= 0 { return bucket.upper }
            bucket.lower = 0
        } else if bucket.upper == .infinity {
            return bucket.lower
        }
        return nil
    }
}
