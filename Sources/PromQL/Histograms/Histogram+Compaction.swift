public import MetricsModel

extension Histogram {
    /// The same histogram without empty buckets.
    public func compacted() -> Histogram {
        var result = self
        result.compact()
        return result
    }

    mutating func compact() {
        positive.removeEmpty()
        negative.removeEmpty()
    }

    /// Whether two histograms are equal in everything but empty buckets and the hint on resets.
    ///
    /// Counts and sums are compared bit by bit, so that NaN equals NaN.
    public func isSame(as other: Histogram) -> Bool {
        schema == other.schema
            && count.bitPattern == other.count.bitPattern
            && sum.bitPattern == other.sum.bitPattern
            && zeroCount.bitPattern == other.zeroCount.bitPattern
            && zeroThreshold == other.zeroThreshold
            && customBounds == other.customBounds
            && positive.isSame(as: other.positive)
            && negative.isSame(as: other.negative)
    }
}

extension Histogram.Buckets {
    mutating func removeEmpty() {
        guard var target = counts.firstIndex(of: 0) else { return }
        for position in target..<counts.count where counts[position] != 0 {
            indexes[target] = indexes[position]
            counts[target] = counts[position]
            target += 1
        }
        indexes.removeLast(indexes.count - target)
        counts.removeLast(counts.count - target)
    }

    fileprivate func isSame(as other: Histogram.Buckets) -> Bool {
        var position = 0
        var otherPosition = 0
        while true {
            while position < counts.count, counts[position] == 0 { position += 1 }
            while otherPosition < other.counts.count, other.counts[otherPosition] == 0 {
                otherPosition += 1
            }
            guard position < counts.count, otherPosition < other.counts.count else {
                return position == counts.count && otherPosition == other.counts.count
            }
            guard indexes[position] == other.indexes[otherPosition],
                counts[position].bitPattern == other.counts[otherPosition].bitPattern
            else { return false }
            position += 1
            otherPosition += 1
        }
    }
}
