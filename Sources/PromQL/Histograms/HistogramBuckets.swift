public import MetricsModel

/// The buckets of a native histogram by ascending bounds.
///
/// Buckets that are listed with a count of 0 are among them; the zero bucket only if its count is positive.
public struct HistogramBuckets: RandomAccessCollection, Sendable {
    private let histogram: Histogram
    private let negativeCount: Int
    private let zeroBucketCount: Int

    init(_ histogram: Histogram) {
        self.histogram = histogram
        negativeCount = histogram.usesCustomBounds ? 0 : histogram.negative.indexes.count
        zeroBucketCount = !histogram.usesCustomBounds && histogram.zeroCount > 0 ? 1 : 0
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int {
        negativeCount + zeroBucketCount + histogram.positive.indexes.count
    }

    public subscript(position: Int) -> HistogramBucket {
        let threshold = histogram.zeroThreshold
        if position < negativeCount {
            var bucket = histogram.negativeBucket(at: negativeCount - 1 - position)
            if bucket.upper > -threshold, bucket.upper < 0 { bucket.upper = -threshold }
            return bucket
        }
        let rest = position - negativeCount
        if rest < zeroBucketCount { return histogram.zeroBucket }
        var bucket = histogram.positiveBucket(at: rest - zeroBucketCount)
        if !histogram.usesCustomBounds, bucket.lower > 0, bucket.lower < threshold {
            bucket.lower = threshold
        }
        return bucket
    }
}

extension Histogram {
    /// All buckets by ascending bounds; those that overlap with the zero bucket are cut at its threshold.
    public var buckets: HistogramBuckets { HistogramBuckets(self) }

    /// The bucket in [−threshold, threshold].
    var zeroBucket: HistogramBucket {
        HistogramBucket(
            lower: -zeroThreshold,
            upper: zeroThreshold,
            includesLower: true,
            includesUpper: true,
            count: zeroCount
        )
    }

    /// The bucket at a position of the list of positive or custom buckets.
    func positiveBucket(at position: Int) -> HistogramBucket {
        let index = Int(positive.indexes[position])
        let lower = upperBound(of: index - 1)
        let upper = upperBound(of: index)
        return HistogramBucket(
            lower: lower,
            upper: upper,
            includesLower: usesCustomBounds && index == 0,
            includesUpper: true,
            count: positive.counts[position]
        )
    }

    /// The bucket at a position of the list of negative buckets.
    func negativeBucket(at position: Int) -> HistogramBucket {
        let index = Int(negative.indexes[position])
        return HistogramBucket(
            lower: -BucketBounds.upper(index, schema: schema),
            upper: -BucketBounds.upper(index - 1, schema: schema),
            includesLower: true,
            includesUpper: false,
            count: negative.counts[position]
        )
    }

    /// The zero bucket as interpolation sees it: it ends at 0 on a side that has no other buckets while the
    /// other one has some.
    func narrowed(_ zeroBucket: HistogramBucket) -> HistogramBucket {
        var bucket = zeroBucket
        if negative.isEmpty, !positive.isEmpty {
            bucket.lower = 0
        } else if positive.isEmpty, !negative.isEmpty {
            bucket.upper = 0
        }
        return bucket
    }

    private func upperBound(of index: Int) -> Double {
        guard usesCustomBounds else { return BucketBounds.upper(index, schema: schema) }
        if index < 0 { return -.infinity }
        return index < customBounds.count ? customBounds[index] : .infinity
    }
}
