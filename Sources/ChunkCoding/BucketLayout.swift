internal import MetricsModel

/// What neighbouring histograms of a series share: schema, zero threshold, bucket indexes and bounds.
///
/// In bytes: schema as signed varint · zero threshold's bits, bytes swapped, as varint · positive and
/// negative indexes as spans · custom bounds: count as varint, and unless it is 0 the size of a
/// ``ValueColumn`` as varint and the column. Spans: count as varint, then for each its first index (signed
/// varint) for the first span and else the free indexes since the span before less one (varint), and
/// its length less one (varint).
struct BucketLayout {
    let schema: Int8
    let zeroThreshold: Double
    let positive: [Int32]
    let negative: [Int32]
    let customBounds: [Double]

    /// Counts that each histogram has.
    var bucketCount: Int { positive.count &+ negative.count }

    /// What each histogram counts against ``EncodedChunk/maximumElementCount``.
    var elementCount: Int { bucketCount &+ customBounds.count }

    // MARK: Writing

    static func encode(_ histogram: Histogram, into out: inout [UInt8]) {
        out.appendSignedVarint(Int64(histogram.schema))
        out.appendVarint(histogram.zeroThreshold.bitPattern.byteSwapped)
        appendSpans(histogram.positive.indexes, to: &out)
        appendSpans(histogram.negative.indexes, to: &out)
        out.appendVarint(UInt64(histogram.customBounds.count))
        guard !histogram.customBounds.isEmpty else { return }
        out.appendSizedColumn(histogram.customBounds.span)
    }

    private static func appendSpans(_ indexes: [Int32], to out: inout [UInt8]) {
        var spanCount = min(indexes.count, 1)
        for position in indexes.indices.dropFirst()
        where Int64(indexes[position]) != Int64(indexes[position - 1]) + 1 {
            spanCount += 1
        }
        out.appendVarint(UInt64(spanCount))
        var position = 0
        while position < indexes.count {
            let first = Int64(indexes[position])
            var end = position + 1
            while end < indexes.count, Int64(indexes[end]) == first + Int64(end - position) {
                end += 1
            }
            if position == 0 {
                out.appendSignedVarint(first)
            } else {
                out.appendVarint(UInt64(first - Int64(indexes[position - 1]) - 2))
            }
            out.appendVarint(UInt64(end - position - 1))
            position = end
        }
    }

    // MARK: Reading

    /// - Parameter limit: Most ``elementCount`` the caller is ready to allocate.
    init(_ reader: inout ColumnReader, limit: Int) throws(ChunkError) {
        let offset = reader.offset
        let found = try reader.signedVarint()
        guard let schema = Int8(exactly: found), Histogram.isKnown(schema: schema) else {
            throw .invalidField(.schema, found: UInt64(bitPattern: found), offset: offset)
        }
        self.schema = schema
        zeroThreshold = Double(bitPattern: try reader.varint().byteSwapped)
        positive = try Self.indexes(&reader, limit: limit)
        negative = try Self.indexes(&reader, limit: limit &- positive.count)
        customBounds = try Self.bounds(
            &reader,
            limit: limit &- positive.count &- negative.count
        )
    }

    private static func indexes(
        _ reader: inout ColumnReader,
        limit: Int
    ) throws(ChunkError) -> [Int32] {
        let offset = reader.offset
        let spanCount = try reader.varint()
        guard spanCount <= UInt64(limit) else {
            throw .invalidField(.spanCount, found: spanCount, offset: offset)
        }
        var indexes: [Int32] = []
        for span in 0..<spanCount {
            let firstOffset = reader.offset
            let first: Int64
            if span == 0 {
                first = try reader.signedVarint()
            } else {
                let gap = try reader.varint()
                guard gap <= UInt64(UInt32.max), let last = indexes.last else {
                    throw .invalidField(.spanOffset, found: gap, offset: firstOffset)
                }
                first = Int64(last) &+ Int64(gap) &+ 2
            }
            let lengthOffset = reader.offset
            let length = try reader.varint()
            guard length < UInt64(limit &- indexes.count) else {
                throw .invalidField(.spanLength, found: length, offset: lengthOffset)
            }
            // The first bound keeps the sum from wrapping around.
            guard (Int64(Int32.min)...Int64(Int32.max)).contains(first),
                first &+ Int64(length) <= Int64(Int32.max)
            else {
                throw .invalidField(
                    .spanOffset,
                    found: UInt64(bitPattern: first),
                    offset: firstOffset
                )
            }
            for index in first...(first &+ Int64(length)) {
                indexes.append(Int32(truncatingIfNeeded: index))
            }
        }
        return indexes
    }

    private static func bounds(
        _ reader: inout ColumnReader,
        limit: Int
    ) throws(ChunkError) -> [Double] {
        let offset = reader.offset
        let count = try reader.varint()
        guard count <= UInt64(limit) else {
            throw .invalidField(.boundCount, found: count, offset: offset)
        }
        guard count > 0 else { return [] }
        var bounds = [Double](repeating: 0, count: Int(count))
        try bounds.withUnsafeMutableBufferPointer { (target) throws(ChunkError) in
            try reader.sizedColumn(into: target)
        }
        return bounds
    }
}

extension [UInt8] {
    /// Appends a ``ValueColumn`` behind its size.
    mutating func appendSizedColumn(_ values: Span<Double>) {
        // Most columns are shorter than 128 bytes: one byte is kept for the size, and then made to fit.
        let start = count
        append(0)
        ValueColumn.encode(values, into: &self)
        let size = count - start - 1
        guard size >= 0x80 else {
            self[start] = UInt8(size)
            return
        }
        var prefix: [UInt8] = []
        prefix.appendVarint(UInt64(size))
        replaceSubrange(start...start, with: prefix)
    }
}

extension ColumnReader {
    /// Reads a ``ValueColumn`` that stands behind its size; it fills `target`.
    mutating func sizedColumn(
        into target: UnsafeMutableBufferPointer<Double>
    ) throws(ChunkError) {
        let offset = offset
        let size = try varint()
        guard size <= UInt64(remaining) else {
            throw .invalidField(.columnSize, found: size, offset: offset)
        }
        var column = ColumnReader(try take(Int(size)))
        try ValueColumn.decode(&column, into: target)
        try column.finish()
    }
}
