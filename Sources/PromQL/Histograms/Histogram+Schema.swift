internal import MetricsModel

extension Histogram {
    /// The histogram at a lower resolution; unchanged if it has this one or custom bounds, or a lower one.
    ///
    /// Each step down merges buckets in pairs: index i becomes ⌈i / 2⌉.
    func reduced(toSchema target: Int8) -> Histogram {
        var result = self
        result.reduce(toSchema: target)
        return result
    }

    mutating func reduce(toSchema target: Int8) {
        guard !usesCustomBounds, target != Self.customSchema, target < schema else { return }
        let steps = Int(schema) - Int(target)
        positive.lowerResolution(by: steps)
        negative.lowerResolution(by: steps)
        schema = target
    }
}

extension Histogram.Buckets {
    fileprivate mutating func lowerResolution(by steps: Int) {
        var target = -1
        for position in indexes.indices {
            let index = BucketBounds.lowered(indexes[position], by: steps)
            if target >= 0, indexes[target] == index {
                counts[target] += counts[position]
            } else {
                target += 1
                indexes[target] = index
                counts[target] = counts[position]
            }
        }
        indexes.removeLast(indexes.count - target - 1)
        counts.removeLast(counts.count - target - 1)
    }
}
