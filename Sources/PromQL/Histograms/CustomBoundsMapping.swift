internal import MetricsModel

/// Where the buckets of custom bounds go when only some of the bounds stay.
struct CustomBoundsMapping: Sendable {
    private let bounds: [Double]
    private let target: [Double]

    /// - Parameter target: A subset of the bounds; both strictly ascending.
    init(from bounds: [Double], to target: [Double]) {
        self.bounds = bounds
        self.target = target
    }

    /// The bounds that are in both lists.
    static func common(_ left: [Double], _ right: [Double]) -> [Double] {
        var result: [Double] = []
        var position = 0
        var otherPosition = 0
        while position < left.count, otherPosition < right.count {
            if left[position] == right[otherPosition] {
                result.append(left[position])
                position += 1
                otherPosition += 1
            } else if left[position] < right[otherPosition] {
                position += 1
            } else {
                otherPosition += 1
            }
        }
        return result
    }

    /// The bucket a bucket falls into: the one of the next bound that stays, or the one up to +Inf.
    func index(of index: Int32) -> Int32 {
        let position = max(0, Int(index))
        guard position < bounds.count else { return Int32(clamping: target.count) }
        let bound = bounds[position]
        var lower = 0
        var upper = target.count
        while lower < upper {
            let middle = lower + (upper - lower) / 2
            if target[middle] < bound { lower = middle + 1 } else { upper = middle }
        }
        return Int32(clamping: lower)
    }

    func mapped(_ buckets: Histogram.Buckets) -> Histogram.Buckets {
        var result = Histogram.Buckets()
        for position in buckets.indexes.indices {
            let index = index(of: buckets.indexes[position])
            if result.indexes.last == index {
                result.counts[result.counts.count - 1] += buckets.counts[position]
            } else {
                result.append(index: index, count: buckets.counts[position])
            }
        }
        return result
    }
}
