/// The buckets of one classic histogram at one step.
struct ClassicBuckets {
    struct Bucket {
        let upperBound: Double
        /// Observations at or below the bound.
        var count: Double
    }

    private var buckets: [Bucket] = []

    mutating func removeAll() { buckets.removeAll(keepingCapacity: true) }

    mutating func append(upperBound: Double, count: Double) {
        buckets.append(Bucket(upperBound: upperBound, count: count))
    }

    var isEmpty: Bool { buckets.isEmpty }

    /// The q-quantile by linear interpolation, for 0 ≤ q ≤ 1.
    ///
    /// Prepares the buckets in place: call it once, or `prepare` and then `interpolated`.
    mutating func quantile(_ quantile: Double, _ fix: inout MonotonicityFix?) -> Double {
        if quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        guard mergeBounds() else { return .nan }
        makeMonotonic(&fix)
        return interpolated(quantile)
    }

    /// The share of observations between two values.
    mutating func fraction(from lower: Double, to upper: Double) -> Double {
        guard mergeBounds(), let total = buckets.last?.count else { return .nan }
        if total == 0 || lower.isNaN || upper.isNaN { return .nan }
        if lower >= upper { return 0 }
        return (rank(of: upper, total) - rank(of: lower, total)) / total
    }

    /// Sorts by bound and adds up the counts of equal bounds; false without a `+Inf` bucket.
    private mutating func mergeBounds() -> Bool {
        buckets.sort { $0.upperBound < $1.upperBound }
        guard buckets.last?.upperBound == .infinity else { return false }
        var target = 0
        for index in 1..<max(1, buckets.count) {
            if buckets[index].upperBound == buckets[target].upperBound {
                buckets[target].count += buckets[index].count
            } else {
                target += 1
                buckets[target] = buckets[index]
            }
        }
        buckets.removeLast(buckets.count - target - 1)
        return true
    }

    /// Raises counts that are lower than the one before.
    private mutating func makeMonotonic(_ fix: inout MonotonicityFix?) {
        var previous = buckets[0].count
        for index in buckets.indices.dropFirst() {
            let count = buckets[index].count
            if count == previous { continue }
            if Self.areAlmostEqual(previous, count) {
                buckets[index].count = previous
            } else if count < previous {
                buckets[index].count = previous
                let bound = buckets[index].upperBound
                let change = previous - count
                fix =
                    fix.map {
                        MonotonicityFix(
                            lowestBound: min($0.lowestBound, bound),
                            highestBound: max($0.highestBound, bound),
                            largestChange: max($0.largestChange, change),
                            firstTime: 0,
                            lastTime: 0
                        )
                    }
                    ?? MonotonicityFix(
                        lowestBound: bound,
                        highestBound: bound,
                        largestChange: change,
                        firstTime: 0,
                        lastTime: 0
                    )
            } else {
                previous = count
            }
        }
    }

    private func interpolated(_ quantile: Double) -> Double {
        guard buckets.count >= 2, let total = buckets.last?.count, total != 0 else { return .nan }
        let last = buckets.count - 1
        var rank = quantile * total
        let index = buckets[..<last].partitioningIndex { $0.count >= rank }
        if index == last { return buckets[last - 1].upperBound }
        let end = buckets[index].upperBound
        if index == 0, end <= 0 { return end }
        var start = 0.0
        var count = buckets[index].count
        if index > 0 {
            start = buckets[index - 1].upperBound
            count -= buckets[index - 1].count
            rank -= buckets[index - 1].count
        }
        return start + (end - start) * (rank / count)
    }

    /// How many observations are below a value, at most `total`.
    private func rank(of value: Double, _ total: Double) -> Double {
        var below = 0.0
        for (index, bucket) in buckets.enumerated() {
            let lower =
                index > 0 ? buckets[index - 1].upperBound : bucket.upperBound > 0 ? 0 : -.infinity
            if lower >= value { return min(below, total) }
            if bucket.upperBound > value {
                // All of a bucket without a lower bound counts, nothing of one without an upper.
                if lower == -.infinity { return min(bucket.count, total) }
                let share = (value - lower) / (bucket.upperBound - lower)
                return min(below + (bucket.count - below) * share, total)
            }
            below = bucket.count
        }
        return total
    }

    /// Whether two counts differ by no more than rounding.
    private static func areAlmostEqual(_ left: Double, _ right: Double) -> Bool {
        let tolerance = 1e-12
        if left.isNaN, right.isNaN { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element passes, by binary search; the end if none does.
    fileprivate func partitioningIndex(where belongsBehind: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
