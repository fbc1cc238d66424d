public import MetricsModel

extension EncodedChunk {
    /// What a chunk's samples are; the raw value is its first byte, each with a layout of its own.
    public enum Kind: UInt8, Sendable {
        case floats = 1
        case floatsWithStarts = 2
        case histograms = 3
        /// Plain floats as an open chunk has them, not stored; see ``SampleStream``.
        case stream = 4
    }

    /// Most bucket counts and custom bounds that the histograms of one chunk have together.
    ///
    /// Bounds what decoding allocates: a few bytes can say that many counts are equal.
    public static let maximumElementCount = 1 << 15

    /// What the samples are, as the first byte says; nil if this reader does not know it.
    public var kind: Kind? { bytes.first.flatMap(Kind.init) }

    /// Compresses floats of which some may have a start timestamp.
    ///
    /// - Parameter starts: Milliseconds, 0 where it is unknown; may be empty if all are.
    /// - Precondition: As many values as timestamps, at least one; timestamps strictly increase.
    public init(timestamps: Span<Int64>, values: Span<Double>, starts: Span<Int64>) {
        guard starts.hasStarts else {
            self.init(timestamps: timestamps, values: values)
            return
        }
        precondition(timestamps.count == values.count, "a value for every timestamp")
        precondition(timestamps.count > 0, "a chunk has samples")
        var bytes: [UInt8] = []
        ChunkParts.encode(
            .floatsWithStarts,
            timestamps: timestamps,
            starts: starts,
            into: &bytes
        )
        ValueColumn.encode(values, into: &bytes)
        self.init(
            minTime: timestamps[0],
            maxTime: timestamps[timestamps.count - 1],
            count: timestamps.count,
            bytes: bytes
        )
    }

    /// Compresses histograms; see ``HistogramChunk/encode(timestamps:histograms:starts:into:)``.
    public init(
        timestamps: Span<Int64>,
        histograms: ArraySlice<Histogram>,
        starts: Span<Int64>
    ) {
        var bytes: [UInt8] = []
        HistogramChunk.encode(
            timestamps: timestamps,
            histograms: histograms,
            starts: starts,
            into: &bytes
        )
        self.init(
            minTime: timestamps[0],
            maxTime: timestamps[timestamps.count - 1],
            count: timestamps.count,
            bytes: bytes
        )
    }

    /// Appends the samples, of whatever kind, to the columns they belong to; on an error, these are as they
    /// were.
    ///
    /// - Parameters:
    ///   - maximumCount: Most samples the caller is ready to allocate.
    ///   - needed: Which values of floats matter.
    public func decode(
        maximumCount: Int,
        needed: NeededValues = .all,
        into columns: inout SampleColumns
    ) throws(ChunkError) {
        switch kind {
        case .floats:
            try decode(
                maximumCount: maximumCount,
                needed: needed,
                appendingTo: &columns.timestamps,
                &columns.values
            )
            columns.fillStarts()
        case .floatsWithStarts:
            try decodeFloatsWithStarts(maximumCount: maximumCount, into: &columns)
        case .histograms:
            try decodeHistograms(maximumCount: maximumCount, into: &columns.histograms)
        case .stream:
            try decodeStream(maximumCount: maximumCount, into: &columns)
        case nil:
            guard let first = bytes.first else {
                throw .truncated(offset: 0, needed: 1, available: 0)
            }
            throw .unsupportedVersion(found: first, offset: 0)
        }
    }

    private func decodeFloatsWithStarts(
        maximumCount: Int,
        into columns: inout SampleColumns
    ) throws(ChunkError) {
        let parts = try ChunkParts(
            bytes.span,
            kind: .floatsWithStarts,
            maximumCount: maximumCount
        )
        try check(.sampleCount, expected: Int64(count), found: Int64(parts.count))
        let first = columns.timestamps.count
        let firstStart = columns.startTimestamps.count
        do throws(ChunkError) {
            try parts.decodeTimes(
                bytes.span,
                into: &columns.timestamps,
                &columns.startTimestamps
            )
            try checkTimes(columns.timestamps, from: first)
            try ValueColumn.decode(
                bytes.span.extracting(parts.samples),
                count: count,
                into: &columns.values
            )
        } catch {
            columns.timestamps.removeLast(columns.timestamps.count - first)
            columns.startTimestamps.removeLast(columns.startTimestamps.count - firstStart)
            throw error
        }
        columns.fillStarts()
    }

    private func decodeHistograms(
        maximumCount: Int,
        into columns: inout HistogramColumns
    ) throws(ChunkError) {
        let first = columns.timestamps.count
        let hadStarts = !columns.startTimestamps.isEmpty
        try HistogramChunk.decode(bytes.span, maximumCount: maximumCount, into: &columns)
        do throws(ChunkError) {
            let found = columns.timestamps.count - first
            try check(.sampleCount, expected: Int64(count), found: Int64(found))
            try checkTimes(columns.timestamps, from: first)
        } catch {
            columns.truncate(to: first)
            if !hadStarts { columns.startTimestamps.removeAll(keepingCapacity: true) }
            throw error
        }
    }

    /// Compares first and last time with those beside the bytes.
    func checkTimes(_ timestamps: [Int64], from first: Int) throws(ChunkError) {
        try check(.minTime, expected: minTime, found: timestamps[first])
        try check(.maxTime, expected: maxTime, found: timestamps[timestamps.count - 1])
    }
}
