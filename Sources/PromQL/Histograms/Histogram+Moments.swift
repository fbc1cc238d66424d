internal import Glibc
internal import MetricsModel

extension Histogram {
    /// The mean of the observations; NaN without any.
    var mean: Double { sum / count }

    /// The population variance of the observations, as if all of a bucket lay in its middle.
    ///
    /// That is the geometric mean of an exponential bucket's bounds, the arithmetic one of custom bounds, and 0
    /// for the bucket around 0.
    var variance: Double {
        let mean = mean
        var total = KahanSum()
        for bucket in buckets where bucket.count != 0 {
            let delta = middle(of: bucket) - mean
            total.add(bucket.count * delta * delta)
        }
        return total.total / count
    }

    private func middle(of bucket: HistogramBucket) -> Double {
        if usesCustomBounds { return (bucket.upper + bucket.lower) / 2 }
        if bucket.lower <= 0, bucket.upper >= 0 { return 0 }
        let middle = sqrt(bucket.upper * bucket.lower)
        return bucket.upper < 0 ? -middle : middle
    }
}
