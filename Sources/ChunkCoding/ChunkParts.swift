/// Where the columns of a chunk with start timestamps, or of histograms, lie in its bytes.
///
/// Kind byte · count as varint · size of the timestamp column as varint · ``TimestampColumn`` · size of the
/// start column as varint, 0 if there is none · ``StartColumn`` · ``ValueColumn`` or
/// ``HistogramColumn`` to the end.
struct ChunkParts {
    let count: Int
    let timestamps: Range<Int>
    /// Empty if no sample has a start timestamp.
    let starts: Range<Int>
    let samples: Range<Int>

    // MARK: Writing

    /// Appends everything in front of the samples' column.
    ///
    /// - Parameter starts: A start for each timestamp, or none at all.
    static func encode(
        _ kind: EncodedChunk.Kind,
        timestamps: Span<Int64>,
        starts: Span<Int64>,
        into out: inout [UInt8]
    ) {
        out.append(kind.rawValue)
        out.appendVarint(UInt64(timestamps.count))
        var column: [UInt8] = []
        TimestampColumn.encode(timestamps, into: &column)
        out.appendVarint(UInt64(column.count))
        out.append(contentsOf: column)
        column.removeAll(keepingCapacity: true)
        if !starts.isEmpty {
            StartColumn.encode(starts, timestamps: timestamps, into: &column)
        }
        out.appendVarint(UInt64(column.count))
        out.append(contentsOf: column)
    }

    // MARK: Reading

    /// - Parameter maximumCount: Most samples the caller is ready to allocate.
    init(
        _ bytes: Span<UInt8>,
        kind: EncodedChunk.Kind,
        maximumCount: Int
    ) throws(ChunkError) {
        self = try bytes.withUnsafeBytes { (input) throws(ChunkError) in
            try ChunkParts(input, kind: kind, maximumCount: maximumCount)
        }
    }

    private init(
        _ input: UnsafeRawBufferPointer,
        kind: EncodedChunk.Kind,
        maximumCount: Int
    ) throws(ChunkError) {
        var reader = ColumnReader(input)
        let version = try reader.byte()
        guard version == kind.rawValue else {
            throw .unsupportedVersion(found: version, offset: 0)
        }
        let offset = reader.offset
        let found = try reader.varint()
        guard found > 0 else { throw .invalidField(.sampleCount, found: 0, offset: offset) }
        guard found <= UInt64(max(maximumCount, 0)) else {
            throw .tooManySamples(count: found, limit: maximumCount)
        }
        count = Int(found)
        timestamps = try Self.sized(&reader, .timestampsSize)
        starts = try Self.sized(&reader, .startsSize)
        samples = reader.offset..<input.count
    }

    private static func sized(
        _ reader: inout ColumnReader,
        _ field: ChunkError.Field
    ) throws(ChunkError) -> Range<Int> {
        let offset = reader.offset
        let size = try reader.varint()
        guard size <= UInt64(reader.remaining) else {
            throw .invalidField(field, found: size, offset: offset)
        }
        let start = reader.offset
        _ = try reader.take(Int(size))
        return start..<reader.offset
    }

    /// Appends timestamps and, if there are any, start timestamps; on an error, these may be half done.
    func decodeTimes(
        _ bytes: Span<UInt8>,
        into times: inout [Int64],
        _ startTimes: inout [Int64]
    ) throws(ChunkError) {
        let first = times.count
        try TimestampColumn.decode(bytes.extracting(timestamps), count: count, into: &times)
        guard !starts.isEmpty else { return }
        while startTimes.count < first { startTimes.append(0) }
        try StartColumn.decode(
            bytes.extracting(starts),
            timestamps: times.span.extracting(first..<times.count),
            into: &startTimes
        )
    }
}
