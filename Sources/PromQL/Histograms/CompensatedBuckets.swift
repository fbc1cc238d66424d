internal import MetricsModel

/// Sums of the buckets of one sign that carry their rounding errors along.
struct CompensatedBuckets: Sendable {
    /// Strictly ascending.
    private var indexes: [Int32]
    /// As many as ``indexes``.
    private var sums: [KahanSum]

    init(_ buckets: Histogram.Buckets) {
        indexes = buckets.indexes
        sums = buckets.counts.map { KahanSum($0) }
    }

    /// Adds counts in place; allocates only for buckets that are not listed yet.
    mutating func add(_ buckets: Histogram.Buckets) {
        var position = 0
        for source in buckets.indexes.indices {
            let index = buckets.indexes[source]
            while position < indexes.count, indexes[position] < index { position += 1 }
            guard position < indexes.count, indexes[position] == index else {
                merge(buckets, from: source, at: position)
                return
            }
            sums[position].add(buckets.counts[source])
            position += 1
        }
    }

    private mutating func merge(_ buckets: Histogram.Buckets, from first: Int, at start: Int) {
        let capacity = indexes.count + buckets.indexes.count - first
        var mergedIndexes = Array(indexes[..<start])
        var mergedSums = Array(sums[..<start])
        mergedIndexes.reserveCapacity(capacity)
        mergedSums.reserveCapacity(capacity)
        var position = start
        for source in first..<buckets.indexes.count {
            let index = buckets.indexes[source]
            while position < indexes.count, indexes[position] < index {
                mergedIndexes.append(indexes[position])
                mergedSums.append(sums[position])
                position += 1
            }
            var sum = KahanSum()
            if position < indexes.count, indexes[position] == index {
                sum = sums[position]
                position += 1
            }
            sum.add(buckets.counts[source])
            mergedIndexes.append(index)
            mergedSums.append(sum)
        }
        mergedIndexes.append(contentsOf: indexes[position...])
        mergedSums.append(contentsOf: sums[position...])
        indexes = mergedIndexes
        sums = mergedSums
    }

    /// Moves every bucket to another index; buckets that meet are added.
    ///
    /// - Parameter newIndex: Must not change the order.
    mutating func move(_ newIndex: (Int32) -> Int32) {
        var target = -1
        for position in indexes.indices {
            let index = newIndex(indexes[position])
            if target >= 0, indexes[target] == index {
                sums[target].add(sums[position])
            } else {
                target += 1
                indexes[target] = index
                sums[target] = sums[position]
            }
        }
        indexes.removeLast(indexes.count - target - 1)
        sums.removeLast(sums.count - target - 1)
    }

    /// Takes out the first buckets, whose sums are added to another one.
    mutating func drain(_ count: Int, into total: inout KahanSum) {
        for sum in sums[..<count] { total.add(sum) }
        indexes.removeFirst(count)
        sums.removeFirst(count)
    }

    mutating func scale(_ change: (inout KahanSum) -> Void) {
        for position in sums.indices { change(&sums[position]) }
    }

    /// The plain sums, without their compensations.
    var leading: Histogram.Buckets {
        Histogram.Buckets(indexes: indexes, counts: sums.map(\.sum))
    }

    var total: Histogram.Buckets {
        Histogram.Buckets(indexes: indexes, counts: sums.map(\.total))
    }

    var hasOverflow: Bool { sums.contains { $0.sum.isInfinite } }
}

extension KahanSum {
    mutating func add(_ other: KahanSum) {
        add(other.sum)
        add(other.compensation)
    }

    mutating func multiply(by factor: Double) {
        sum *= factor
        compensation *= factor
    }

    mutating func divide(by divisor: Double) {
        sum /= divisor
        compensation /= divisor
    }
}
