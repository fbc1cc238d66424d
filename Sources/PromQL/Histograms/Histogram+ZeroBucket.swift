internal import MetricsModel

/// The zero bucket of a histogram if it had another threshold.
struct WidenedZeroBucket: Sendable, Hashable {
    var count: Double
    /// At least the one asked for: no populated bucket is cut.
    var threshold: Double
}

extension Histogram {
    /// The zero bucket with a threshold not lower than its own, and with what falls into it.
    ///
    /// A threshold inside a populated bucket grows to that bucket's far bound, on both sides, until it cuts
    /// none.
    func widenedZeroBucket(threshold wanted: Double) -> WidenedZeroBucket {
        var threshold = wanted
        guard threshold > zeroThreshold else {
            return WidenedZeroBucket(count: zeroCount, threshold: zeroThreshold)
        }
        while true {
            var total = zeroCount
            collect(positive, into: &total, upTo: &threshold)
            let afterPositive = threshold
            collect(negative, into: &total, upTo: &threshold)
            // Negative buckets moved the threshold: the positive ones have to be looked at again.
            if threshold == afterPositive {
                return WidenedZeroBucket(count: total, threshold: threshold)
            }
        }
    }

    private func collect(
        _ buckets: Buckets,
        into total: inout Double,
        upTo threshold: inout Double
    ) {
        for position in buckets.indexes.indices {
            let index = Int(buckets.indexes[position])
            guard BucketBounds.upper(index - 1, schema: schema) < threshold else { return }
            total += buckets.counts[position]
            let upper = BucketBounds.upper(index, schema: schema)
            if upper > threshold {
                if buckets.counts[position] != 0 { threshold = upper }
                return
            }
        }
    }

    /// Raises the threshold of the zero bucket, which takes the buckets below it.
    ///
    /// At the threshold it has already nothing changes, even if lowered resolution made a bucket overlap with it.
    mutating func widenZeroBucket(to bucket: WidenedZeroBucket) {
        guard bucket.threshold > zeroThreshold else { return }
        zeroCount = bucket.count
        zeroThreshold = bucket.threshold
        positive.dropFirst(positive.count(below: bucket.threshold, schema: schema))
        negative.dropFirst(negative.count(below: bucket.threshold, schema: schema))
    }

    /// The threshold at which two histograms cut no populated bucket of either.
    func commonZeroThreshold(with other: Histogram) -> Double {
        var threshold = max(zeroThreshold, other.zeroThreshold)
        // It only rises, and only to bounds of populated buckets.
        while true {
            let mine = widenedZeroBucket(threshold: threshold).threshold
            let theirs = other.widenedZeroBucket(threshold: max(threshold, mine)).threshold
            let next = max(mine, theirs)
            guard next > threshold else { return threshold }
            threshold = next
        }
    }
}

extension Histogram.Buckets {
    /// How many buckets begin below a threshold.
    func count(below threshold: Double, schema: Int8) -> Int {
        var position = 0
        while position < indexes.count,
            BucketBounds.upper(Int(indexes[position]) - 1, schema: schema) < threshold
        {
            position += 1
        }
        return position
    }

    mutating func dropFirst(_ count: Int) {
        indexes.removeFirst(count)
        counts.removeFirst(count)
    }
}
