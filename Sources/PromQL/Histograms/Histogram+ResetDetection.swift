public import MetricsModel

extension Histogram {
    /// Whether counting began anew between a histogram and this one, the next of its series.
    ///
    /// A hint decides; without one any decrease is a reset, and so is a layout that a counter never changes to.
    public func isReset(after previous: Histogram) -> Bool {
        switch resetHint {
        case .reset: return true
        case .notReset: return false
        case .unknown, .gauge: break
        }
        if count < previous.count { return true }
        if usesCustomBounds || previous.usesCustomBounds {
            return usesCustomBounds != previous.usesCustomBounds
                || hasLostCustomBuckets(since: previous)
        }
        if schema > previous.schema || zeroThreshold < previous.zeroThreshold { return true }
        var previousZeroCount = previous.zeroCount
        if zeroThreshold != previous.zeroThreshold {
            let widened = previous.widenedZeroBucket(threshold: zeroThreshold)
            // It would cut a populated bucket.
            if widened.threshold != zeroThreshold { return true }
            previousZeroCount = widened.count
        }
        return zeroCount < previousZeroCount
            || hasLost(positive, since: previous.positive, of: previous)
            || hasLost(negative, since: previous.negative, of: previous)
    }

    /// The hint of this histogram once it has been compared with the one before it in its series.
    ///
    /// A hint that says something stays; without a histogram before nothing becomes known.
    public func resolvedHint(after previous: Histogram?) -> ResetHint {
        guard resetHint == .unknown, let previous else { return resetHint }
        return isReset(after: previous) ? .reset : .notReset
    }

    /// Whether any bucket of one sign is lower than before, at this histogram's resolution.
    private func hasLost(
        _ buckets: Buckets,
        since previous: Buckets,
        of owner: Histogram
    ) -> Bool {
        let isPlain = schema == owner.schema && zeroThreshold == 0
        if isPlain, buckets.indexes == previous.indexes {
            for position in buckets.counts.indices
            where buckets.counts[position] < previous.counts[position] {
                return true
            }
            return false
        }
        var current = BucketCursor(buckets, from: schema, to: schema, above: zeroThreshold)
        var older = BucketCursor(previous, from: owner.schema, to: schema, above: zeroThreshold)
        var now = current.next()
        while let then = older.next() {
            while let bucket = now, bucket.index < then.index { now = current.next() }
            if let bucket = now, bucket.index == then.index {
                if bucket.count < then.count { return true }
            } else if then.count != 0 {
                return true
            }
        }
        return false
    }

    private func hasLostCustomBuckets(since previous: Histogram) -> Bool {
        if customBounds == previous.customBounds {
            return hasLost(positive, since: previous.positive, of: previous)
        }
        let common = CustomBoundsMapping.common(customBounds, previous.customBounds)
        let now = CustomBoundsMapping(from: customBounds, to: common).mapped(positive)
        let then = CustomBoundsMapping(from: previous.customBounds, to: common)
            .mapped(previous.positive)
        return hasLost(now, since: then, of: previous)
    }
}

/// Goes up the buckets of one sign, merged to a lower resolution.
private struct BucketCursor {
    private let buckets: Histogram.Buckets
    private let steps: Int
    private var position = 0

    /// - Parameter threshold: Buckets that end at or below it are left out.
    init(_ buckets: Histogram.Buckets, from schema: Int8, to target: Int8, above threshold: Double)
    {
        self.buckets = buckets
        steps = max(0, Int(schema) - Int(target))
        guard threshold > 0, target != Histogram.customSchema else { return }
        while position < buckets.indexes.count,
            BucketBounds.upper(Int(index(at: position)), schema: target) <= threshold
        {
            position += 1
        }
    }

    mutating func next() -> (index: Int32, count: Double)? {
        guard position < buckets.indexes.count else { return nil }
        let index = index(at: position)
        var count = buckets.counts[position]
        position += 1
        while position < buckets.indexes.count, self.index(at: position) == index {
            count += buckets.counts[position]
            position += 1
        }
        return (index, count)
    }

    private func index(at position: Int) -> Int32 {
        BucketBounds.lowered(buckets.indexes[position], by: steps)
    }
}
