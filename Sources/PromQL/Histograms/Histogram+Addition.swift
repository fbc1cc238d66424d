public import MetricsModel

extension Histogram {
    /// The sum of two histograms at the resolution of the lower one.
    ///
    /// The smaller zero bucket is widened to the larger; custom bounds become those in both.
    /// - Throws: If exactly one of them has custom bounds.
    public func adding(
        _ other: Histogram
    ) throws(IncompatibleHistograms) -> (histogram: Histogram, notes: HistogramNotes) {
        var result = self
        let notes = try result.add(other)
        return (result, notes)
    }

    /// The difference of two histograms; see ``adding(_:)``.
    ///
    /// The hint on resets follows from both as in a sum: who shows the result to a user makes it a gauge.
    public func subtracting(
        _ other: Histogram
    ) throws(IncompatibleHistograms) -> (histogram: Histogram, notes: HistogramNotes) {
        var result = self
        let notes = try result.subtract(other)
        return (result, notes)
    }

    mutating func add(_ other: Histogram) throws(IncompatibleHistograms) -> HistogramNotes {
        let traits = try accumulate(other, sign: 1)
        var notes: HistogramNotes = []
        if traits.hasConflictingResets { notes.insert(.conflictingResetsInAddition) }
        if traits.hasReconciledBounds { notes.insert(.boundsReconciledInAddition) }
        return notes
    }

    mutating func subtract(_ other: Histogram) throws(IncompatibleHistograms) -> HistogramNotes {
        let traits = try accumulate(other, sign: -1)
        var notes: HistogramNotes = []
        if traits.hasConflictingResets { notes.insert(.conflictingResetsInSubtraction) }
        if traits.hasReconciledBounds { notes.insert(.boundsReconciledInSubtraction) }
        return notes
    }

    /// What was odd about a sum, before it is known what for it was computed.
    private struct SumTraits {
        var hasConflictingResets = false
        var hasReconciledBounds = false
    }

    private mutating func accumulate(
        _ other: Histogram,
        sign: Double
    ) throws(IncompatibleHistograms) -> SumTraits {
        guard usesCustomBounds == other.usesCustomBounds else {
            throw IncompatibleHistograms(schema: schema, otherSchema: other.schema)
        }
        var traits = SumTraits()
        traits.hasConflictingResets = resetHint.merge(other.resetHint)
        count += sign * other.count
        sum += sign * other.sum
        guard usesCustomBounds else {
            accumulateExponential(other, sign: sign)
            return traits
        }
        if customBounds == other.customBounds {
            positive.add(other.positive, sign: sign)
        } else {
            traits.hasReconciledBounds = true
            let common = CustomBoundsMapping.common(customBounds, other.customBounds)
            let mapping = CustomBoundsMapping(from: other.customBounds, to: common)
            positive = CustomBoundsMapping(from: customBounds, to: common).mapped(positive)
            positive.add(mapping.mapped(other.positive), sign: sign)
            customBounds = common
        }
        return traits
    }

    private mutating func accumulateExponential(_ other: Histogram, sign: Double) {
        guard zeroThreshold != other.zeroThreshold || schema != other.schema else {
            zeroCount += sign * other.zeroCount
            positive.add(other.positive, sign: sign)
            negative.add(other.negative, sign: sign)
            return
        }
        var other = other
        let threshold = commonZeroThreshold(with: other)
        widenZeroBucket(to: widenedZeroBucket(threshold: threshold))
        other.widenZeroBucket(to: other.widenedZeroBucket(threshold: threshold))
        reduce(toSchema: other.schema)
        other.reduce(toSchema: schema)
        zeroCount += sign * other.zeroCount
        positive.add(other.positive, sign: sign)
        negative.add(other.negative, sign: sign)
    }
}

extension Histogram.ResetHint {
    /// Makes this the hint of the sum of two histograms.
    ///
    /// - Returns: Whether `reset` and `notReset` met.
    mutating func merge(_ other: Histogram.ResetHint) -> Bool {
        switch (self, other) {
        case (.gauge, _), (_, .gauge):
            self = .gauge
        case (.reset, .notReset), (.notReset, .reset):
            self = .unknown
            return true
        case (.unknown, _), (_, .unknown):
            self = .unknown
        case (.reset, .reset), (.notReset, .notReset):
            break
        }
        return false
    }
}

extension Histogram.Buckets {
    /// Adds counts multiplied by 1 or −1 in place; allocates only for buckets that are not listed yet.
    mutating func add(_ other: Histogram.Buckets, sign: Double) {
        var position = 0
        for otherPosition in other.indexes.indices {
            let index = other.indexes[otherPosition]
            while position < indexes.count, indexes[position] < index { position += 1 }
            guard position < indexes.count, indexes[position] == index else {
                merge(other, from: otherPosition, at: position, sign: sign)
                return
            }
            counts[position] += sign * other.counts[otherPosition]
            position += 1
        }
    }

    /// Merges the other's buckets from a position on, the first of which belongs before `start`.
    private mutating func merge(
        _ other: Histogram.Buckets,
        from otherStart: Int,
        at start: Int,
        sign: Double
    ) {
        let capacity = indexes.count + other.indexes.count - otherStart
        var merged = Histogram.Buckets()
        merged.indexes.reserveCapacity(capacity)
        merged.counts.reserveCapacity(capacity)
        merged.indexes.append(contentsOf: indexes[..<start])
        merged.counts.append(contentsOf: counts[..<start])
        var position = start
        for otherPosition in otherStart..<other.indexes.count {
            let index = other.indexes[otherPosition]
            while position < indexes.count, indexes[position] < index {
                merged.append(index: indexes[position], count: counts[position])
                position += 1
            }
            var count = sign * other.counts[otherPosition]
            if position < indexes.count, indexes[position] == index {
                count = counts[position] + count
                position += 1
            }
            merged.append(index: index, count: count)
        }
        merged.indexes.append(contentsOf: indexes[position...])
        merged.counts.append(contentsOf: counts[position...])
        self = merged
    }

    mutating func append(index: Int32, count: Double) {
        indexes.append(index)
        counts.append(count)
    }
}
