/// What a store needs to know of a histogram to keep it bit for bit.
extension Histogram {
    /// Most ``elementCount`` of one histogram; a hundred times what clients send.
    public static let maximumElementCount = 1 << 14

    /// Numbers in its lists: bucket counts of both signs, and custom bounds.
    public var elementCount: Int {
        positive.counts.count &+ negative.counts.count &+ customBounds.count
    }

    /// Whether every encoding of this store gives it back: a known schema, ascending indexes with a count
    /// each, not more elements than allowed.
    ///
    /// Says nothing about the numbers themselves; any bits can be kept.
    public var isStorable: Bool {
        Self.isKnown(schema: schema) && positive.isStorable && negative.isStorable
            && elementCount <= Self.maximumElementCount
    }

    /// Whether a schema is −4…8 or ``customSchema``.
    public static func isKnown(schema: Int8) -> Bool {
        (-4...8).contains(schema) || schema == customSchema
    }

    /// Whether both have the same buckets and bits; NaNs are compared as bits, hints not at all.
    ///
    /// A hint is about the sample before: the same sample sent again may carry another one.
    public func isIdentical(to other: Histogram) -> Bool {
        schema == other.schema
            && sum.bitPattern == other.sum.bitPattern
            && count.bitPattern == other.count.bitPattern
            && zeroCount.bitPattern == other.zeroCount.bitPattern
            && zeroThreshold.bitPattern == other.zeroThreshold.bitPattern
            && positive.isIdentical(to: other.positive)
            && negative.isIdentical(to: other.negative)
            && Self.areIdentical(customBounds, other.customBounds)
    }

    /// Whether both have the same schema, threshold, bucket indexes and custom bounds.
    public func hasLayout(of other: Histogram) -> Bool {
        schema == other.schema
            && zeroThreshold.bitPattern == other.zeroThreshold.bitPattern
            && positive.indexes == other.positive.indexes
            && negative.indexes == other.negative.indexes
            && Self.areIdentical(customBounds, other.customBounds)
    }

    fileprivate static func areIdentical(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
}

extension Histogram.Buckets {
    fileprivate var isStorable: Bool {
        indexes.count == counts.count && zip(indexes, indexes.dropFirst()).allSatisfy(<)
    }

    fileprivate func isIdentical(to other: Histogram.Buckets) -> Bool {
        indexes == other.indexes && Histogram.areIdentical(counts, other.counts)
    }
}
