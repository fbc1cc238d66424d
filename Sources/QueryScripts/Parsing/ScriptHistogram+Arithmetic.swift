internal import MetricsModel

extension ScriptHistogram {
    /// The next histogram of a growing list.
    func adding(_ other: ScriptHistogram) throws(SyntaxFault) -> ScriptHistogram {
        try combined(with: other, sign: 1)
    }

    /// The next histogram of a shrinking list.
    func subtracting(_ other: ScriptHistogram) throws(SyntaxFault) -> ScriptHistogram {
        try combined(with: other, sign: -1)
    }

    private func combined(
        with other: ScriptHistogram,
        sign: Double
    ) throws(SyntaxFault) -> ScriptHistogram {
        guard value.schema <= other.value.schema else {
            throw SyntaxFault(
                reason:
                    "a histogram of schema \(other.value.schema) is added to one of \(value.schema)"
            )
        }
        guard value.usesCustomBounds == other.value.usesCustomBounds,
            value.customBounds == other.value.customBounds,
            value.zeroThreshold == other.value.zeroThreshold
        else { throw SyntaxFault(reason: "histograms with other bounds are added") }
        let shift = value.usesCustomBounds ? 0 : Int32(other.value.schema - value.schema)
        var result = value
        result.count += sign * other.value.count
        result.sum += sign * other.value.sum
        result.zeroCount += sign * other.value.zeroCount
        result.positive.add(other.value.positive, times: sign, shift: shift)
        result.negative.add(other.value.negative, times: sign, shift: shift)
        result.resetHint = Self.hint(value.resetHint, other.value.resetHint)
        return ScriptHistogram(value: result, statesHint: statesHint || other.statesHint)
    }

    private static func hint(
        _ left: Histogram.ResetHint,
        _ right: Histogram.ResetHint
    ) -> Histogram.ResetHint {
        if left == right { return left }
        return left == .gauge || right == .gauge ? .gauge : .unknown
    }
}

extension Histogram.Buckets {
    /// - Parameter shift: By how much the schema of `other` is higher: each step merges two buckets.
    fileprivate mutating func add(_ other: Self, times factor: Double, shift: Int32) {
        var sums: [Int32: Double] = [:]
        for (index, count) in zip(indexes, counts) { sums[index] = count }
        for (index, count) in zip(other.indexes, other.counts) {
            let target = shift == 0 ? index : ((index - 1) >> shift) + 1
            sums[target, default: 0] += factor * count
        }
        let sorted = sums.sorted { $0.key < $1.key }
        self = Histogram.Buckets(indexes: sorted.map(\.key), counts: sorted.map(\.value))
    }
}
