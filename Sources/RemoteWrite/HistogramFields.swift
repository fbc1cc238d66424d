internal import MetricsModel

/// The fields of a `Histogram` message as they stand there.
struct HistogramFields {
    private(set) var timestamp: Int64 = 0
    private(set) var startTimestamp: Int64 = 0
    private var isFloat = false
    private var integerCount: UInt64 = 0
    private var floatCount = 0.0
    private var sum = 0.0
    private var schema: Int64 = 0
    private var zeroThreshold = 0.0
    private var integerZeroCount: UInt64 = 0
    private var floatZeroCount = 0.0
    private var positive = Side()
    private var negative = Side()
    private var resetHint: UInt64 = 0
    private var customValues: [Double] = []

    /// One sign's buckets.
    private struct Side {
        var spans: [(offset: Int32, length: UInt32)] = []
        /// Of an integer histogram: each count less the one before.
        var deltas: [Int64] = []
        /// Of a float histogram.
        var counts: [Double] = []
    }

    private enum Field {
        static let integerCount: UInt32 = 1
        static let floatCount: UInt32 = 2
        static let sum: UInt32 = 3
        static let schema: UInt32 = 4
        static let zeroThreshold: UInt32 = 5
        static let integerZeroCount: UInt32 = 6
        static let floatZeroCount: UInt32 = 7
        static let negativeSpans: UInt32 = 8
        static let negativeDeltas: UInt32 = 9
        static let negativeCounts: UInt32 = 10
        static let positiveSpans: UInt32 = 11
        static let positiveDeltas: UInt32 = 12
        static let positiveCounts: UInt32 = 13
        static let resetHint: UInt32 = 14
        static let timestamp: UInt32 = 15
        static let customValues: UInt32 = 16
        static let startTimestamp: UInt32 = 17
    }

    // MARK: Reading

    /// Reads a message; of fields that are there twice the last counts, unknown ones are skipped.
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard var reader = WireReader(bytes) else { return }
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case Field.integerCount:
                integerCount = try reader.varint(field, type)
                isFloat = false
            case Field.floatCount:
                floatCount = try reader.double(field, type)
                isFloat = true
            case Field.sum: sum = try reader.double(field, type)
            case Field.schema: schema = try reader.signedVarint(field, type)
            case Field.zeroThreshold: zeroThreshold = try reader.double(field, type)
            case Field.integerZeroCount: integerZeroCount = try reader.varint(field, type)
            case Field.floatZeroCount: floatZeroCount = try reader.double(field, type)
            case Field.negativeSpans: negative.spans.append(try reader.span(field, type))
            case Field.negativeDeltas: try reader.signedVarints(field, type, &negative.deltas)
            case Field.negativeCounts: try reader.doubles(field, type, &negative.counts)
            case Field.positiveSpans: positive.spans.append(try reader.span(field, type))
            case Field.positiveDeltas: try reader.signedVarints(field, type, &positive.deltas)
            case Field.positiveCounts: try reader.doubles(field, type, &positive.counts)
            case Field.resetHint: resetHint = try reader.varint(field, type)
            case Field.timestamp: timestamp = Int64(bitPattern: try reader.varint(field, type))
            case Field.customValues: try reader.doubles(field, type, &customValues)
            case Field.startTimestamp:
                startTimestamp = Int64(bitPattern: try reader.varint(field, type))
            default: try reader.skip(type)
            }
        }
    }

    // MARK: Checking

    /// The histogram that the fields describe.
    func histogram() throws(HistogramFault) -> Histogram {
        guard let hint = UInt8(exactly: resetHint).flatMap(Histogram.ResetHint.init) else {
            throw .unknownResetHint(resetHint)
        }
        guard (-4...52).contains(schema) || schema == Int64(Histogram.customSchema) else {
            throw .unknownSchema(schema)
        }
        var histogram = Histogram(
            schema: Int8(schema),
            resetHint: hint,
            zeroThreshold: zeroThreshold,
            zeroCount: isFloat ? floatZeroCount : Double(integerZeroCount),
            count: isFloat ? floatCount : Double(integerCount),
            sum: sum,
            positive: try buckets(positive),
            negative: try buckets(negative),
            customBounds: customValues
        )
        try check(histogram)
        histogram.reduceResolution()
        guard histogram.isStorable else {
            throw .tooManyBuckets(
                histogram.elementCount,
                limit: Histogram.maximumElementCount
            )
        }
        return histogram
    }

    private func buckets(_ side: Side) throws(HistogramFault) -> Histogram.Buckets {
        let counts = isFloat ? side.counts : try Self.counts(side.deltas)
        guard counts.allSatisfy({ !($0 < 0) }) else { throw .negativeCount }
        var indexes: [Int32] = []
        indexes.reserveCapacity(counts.count)
        var next: Int64 = 0
        for (number, span) in side.spans.enumerated() {
            guard number == 0 || span.offset >= 0 else { throw .negativeSpanOffset(span.offset) }
            next += Int64(span.offset)
            guard Int(span.length) <= counts.count - indexes.count else {
                throw .spansAndBucketsDiffer
            }
            for _ in 0..<span.length {
                guard let index = Int32(exactly: next) else { throw .spansAndBucketsDiffer }
                indexes.append(index)
                next += 1
            }
        }
        guard indexes.count == counts.count else { throw .spansAndBucketsDiffer }
        return Histogram.Buckets(indexes: indexes, counts: counts)
    }

    private static func counts(_ deltas: [Int64]) throws(HistogramFault) -> [Double] {
        var count: Int64 = 0
        var counts: [Double] = []
        counts.reserveCapacity(deltas.count)
        for delta in deltas {
            let (next, overflow) = count.addingReportingOverflow(delta)
            guard !overflow, next >= 0 else { throw .negativeCount }
            count = next
            counts.append(Double(count))
        }
        return counts
    }

    private func check(_ histogram: Histogram) throws(HistogramFault) {
        guard !(histogram.zeroCount < 0), !(histogram.count < 0) else { throw .negativeCount }
        guard histogram.zeroThreshold >= 0 else {
            throw .invalidZeroThreshold(histogram.zeroThreshold)
        }
        if histogram.usesCustomBounds {
            try checkCustom(histogram)
        } else {
            guard histogram.customBounds.isEmpty else { throw .invalidCustomBuckets }
        }
        // Of a staleness marker only the sum counts; the counts of floats differ by rounding.
        guard !isFloat, !histogram.isStaleMarker else { return }
        let inBuckets = try integerBucketSum()
        // An observation that is not a number is in no bucket.
        let isSound = sum.isNaN ? inBuckets <= integerCount : inBuckets == integerCount
        guard isSound else {
            throw .countDiffersFromBuckets(
                count: histogram.count,
                buckets: Double(inBuckets)
            )
        }
    }

    /// The observations in all buckets of an integer histogram, exactly.
    private func integerBucketSum() throws(HistogramFault) -> UInt64 {
        var sum = integerZeroCount
        for side in [positive, negative] {
            var count: Int64 = 0
            for delta in side.deltas {
                // Neither wraps: the counts were added up before.
                count &+= delta
                let (next, overflow) = sum.addingReportingOverflow(UInt64(count))
                guard !overflow else {
                    throw .countDiffersFromBuckets(
                        count: Double(integerCount),
                        buckets: .infinity
                    )
                }
                sum = next
            }
        }
        return sum
    }

    private func checkCustom(_ histogram: Histogram) throws(HistogramFault) {
        let bounds = histogram.customBounds
        guard bounds.allSatisfy(\.isFinite), zip(bounds, bounds.dropFirst()).allSatisfy(<),
            histogram.zeroCount == 0, histogram.zeroThreshold == 0, histogram.negative.isEmpty,
            negative.spans.isEmpty,
            // The last bucket is the one that ends at +Inf.
            histogram.positive.indexes.allSatisfy({ $0 >= 0 && Int($0) <= bounds.count })
        else { throw .invalidCustomBuckets }
    }
}

extension Histogram {
    /// Merges pairs of buckets until the schema is one that is kept and the buckets are few enough.
    fileprivate mutating func reduceResolution() {
        guard !usesCustomBounds else { return }
        while schema > 8 || (elementCount > Self.maximumElementCount && schema > -4) {
            schema -= 1
            positive = positive.halved
            negative = negative.halved
        }
    }
}

extension Histogram.Buckets {
    /// The buckets of the next lower schema, each of which covers two.
    fileprivate var halved: Histogram.Buckets {
        var halved = Histogram.Buckets()
        for (index, count) in zip(indexes, counts) {
            // (i + 1) / 2 rounded down, without a sum that could pass the last index.
            let merged = (index >> 1) + (index & 1)
            if halved.indexes.last == merged {
                halved.counts[halved.counts.count - 1] += count
            } else {
                halved.indexes.append(merged)
                halved.counts.append(count)
            }
        }
        return halved
    }
}
