public import MetricsModel

extension HistogramColumn {
    /// Appends the column's histograms to `out`; on an error, `out` is as it was.
    ///
    /// Histograms with the same buckets share the lists of their indexes.
    ///
    /// - Parameters:
    ///   - bytes: The whole column and nothing after it. Not trusted.
    ///   - count: How many histograms the column holds, bounded by the caller: it is allocated. Their
    ///     elements are bounded by ``EncodedChunk/maximumElementCount``.
    public static func decode(
        _ bytes: Span<UInt8>,
        count: Int,
        into out: inout [Histogram]
    ) throws(ChunkError) {
        let histograms = try bytes.withUnsafeBytes {
            (input) throws(ChunkError) -> [Histogram] in
            var reader = ColumnReader(input)
            let histograms = try decode(&reader, count: count)
            try reader.finish()
            return histograms
        }
        out.append(contentsOf: histograms)
    }

    private static func decode(
        _ reader: inout ColumnReader,
        count: Int
    ) throws(ChunkError) -> [Histogram] {
        let header = try reader.byte()
        guard header &>> 4 == version else {
            throw .unsupportedVersion(found: header &>> 4, offset: 0)
        }
        guard header & 0x0F == 0 else {
            throw .unknownEncoding(found: header & 0x0F, offset: 0)
        }
        let hints = try hints(&reader, count: count)
        let layouts = try layouts(&reader, count: count)
        guard count > 0 else { return [] }
        let zeroCounts = try column(&reader, count: count)
        let counts = try column(&reader, count: count)
        let sums = try column(&reader, count: count)
        var histograms: [Histogram] = []
        histograms.reserveCapacity(count)
        for (layout, length) in layouts {
            let buckets = try bucketCounts(&reader, layout, count: length)
            for row in 0..<length {
                let index = histograms.count
                histograms.append(
                    Histogram(
                        schema: layout.schema,
                        resetHint: hints[index],
                        zeroThreshold: layout.zeroThreshold,
                        zeroCount: zeroCounts[index],
                        count: counts[index],
                        sum: sums[index],
                        positive: buckets.positive(row),
                        negative: buckets.negative(row),
                        customBounds: layout.customBounds
                    )
                )
            }
        }
        return histograms
    }

    private static func hints(
        _ reader: inout ColumnReader,
        count: Int
    ) throws(ChunkError) -> [Histogram.ResetHint] {
        let offset = reader.offset
        let runCount = try reader.varint()
        guard runCount <= UInt64(count) else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
        var hints: [Histogram.ResetHint] = []
        hints.reserveCapacity(count)
        for _ in 0..<runCount {
            let field = reader.offset
            let run = try reader.varint()
            guard run &>> 2 < UInt64(count &- hints.count),
                let hint = Histogram.ResetHint(rawValue: UInt8(run & 3))
            else { throw .invalidField(.runLength, found: run, offset: field) }
            hints.append(contentsOf: repeatElement(hint, count: Int(run &>> 2) &+ 1))
        }
        guard hints.count == count else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
        return hints
    }

    /// Reads the layouts and how many histograms each is for.
    private static func layouts(
        _ reader: inout ColumnReader,
        count: Int
    ) throws(ChunkError) -> [(BucketLayout, count: Int)] {
        let offset = reader.offset
        let runCount = try reader.varint()
        guard runCount <= UInt64(count) else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
        var layouts: [(BucketLayout, count: Int)] = []
        var rest = count
        var room = EncodedChunk.maximumElementCount
        for _ in 0..<runCount {
            let field = reader.offset
            let length = try reader.varint()
            guard length < UInt64(rest) else {
                throw .invalidField(.runLength, found: length, offset: field)
            }
            let runLength = Int(length) &+ 1
            let limit = min(room / runLength, Histogram.maximumElementCount)
            let layout = try BucketLayout(&reader, limit: limit)
            room &-= layout.elementCount &* runLength
            rest &-= runLength
            layouts.append((layout, runLength))
        }
        guard rest == 0 else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
        return layouts
    }

    private static func column(
        _ reader: inout ColumnReader,
        count: Int
    ) throws(ChunkError) -> [Double] {
        var values = [Double](repeating: 0, count: count)
        try values.withUnsafeMutableBufferPointer { (target) throws(ChunkError) in
            try reader.sizedColumn(into: target)
        }
        return values
    }

    private static func bucketCounts(
        _ reader: inout ColumnReader,
        _ layout: BucketLayout,
        count: Int
    ) throws(ChunkError) -> BucketCounts {
        let size = layout.bucketCount &* count
        var values = [Double](repeating: 0, count: size)
        guard size > 0 else { return BucketCounts(layout: layout, rows: count, values: values) }
        let columnLength = count == 1 ? size : count
        try values.withUnsafeMutableBufferPointer { (target) throws(ChunkError) in
            for start in stride(from: 0, to: size, by: columnLength) {
                let column = target[start..<(start &+ columnLength)]
                try reader.sizedColumn(into: UnsafeMutableBufferPointer(rebasing: column))
            }
        }
        return BucketCounts(layout: layout, rows: count, values: values)
    }

    /// The counts of all buckets of a run, bucket by bucket.
    private struct BucketCounts {
        let layout: BucketLayout
        let rows: Int
        let values: [Double]

        func positive(_ row: Int) -> Histogram.Buckets {
            buckets(layout.positive, firstColumn: 0, row)
        }

        func negative(_ row: Int) -> Histogram.Buckets {
            buckets(layout.negative, firstColumn: layout.positive.count, row)
        }

        private func buckets(
            _ indexes: [Int32],
            firstColumn: Int,
            _ row: Int
        ) -> Histogram.Buckets {
            guard !indexes.isEmpty else { return .none }
            let counts = [Double](unsafeUninitializedCapacity: indexes.count) { target, count in
                var position = firstColumn &* rows &+ row
                for bucket in 0..<indexes.count {
                    target.initializeElement(at: bucket, to: values[position])
                    position &+= rows
                }
                count = indexes.count
            }
            return Histogram.Buckets(indexes: indexes, counts: counts)
        }
    }
}
