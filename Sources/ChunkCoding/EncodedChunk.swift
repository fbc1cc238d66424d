public import MetricsModel

/// A compressed run of one series' samples, as the head keeps it and ingesters send it.
///
/// `bytes` is whole in itself. For plain floats: the byte of its ``Kind`` · count as varint · size of the
/// timestamp column as varint · ``TimestampColumn`` · ``ValueColumn``. The fields beside it repeat what a
/// reader wants to know without decoding; decoding checks them.
public struct EncodedChunk: Sendable, Hashable {
    /// Timestamp of the first sample, in milliseconds.
    public let minTime: Int64
    /// Timestamp of the last sample (inclusive), in milliseconds.
    public let maxTime: Int64
    /// Number of samples; at least 1.
    public let count: Int
    /// The chunk's bytes, as `docs/formats/chunk.md` says.
    public let bytes: [UInt8]

    /// Takes a chunk apart that came from elsewhere; its bytes are checked when they are decoded.
    public init(minTime: Int64, maxTime: Int64, count: Int, bytes: [UInt8]) {
        self.minTime = minTime
        self.maxTime = maxTime
        self.count = count
        self.bytes = bytes
    }

    /// Compresses plain floats.
    ///
    /// - Precondition: As many values as timestamps, at least one; timestamps strictly increase.
    public init(timestamps: Span<Int64>, values: Span<Double>) {
        precondition(timestamps.count == values.count, "a value for every timestamp")
        precondition(timestamps.count > 0, "a chunk has samples")
        var column: [UInt8] = []
        TimestampColumn.encode(timestamps, into: &column)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(column.count + 16 + timestamps.count * 2)
        bytes.append(Kind.floats.rawValue)
        bytes.appendVarint(UInt64(timestamps.count))
        bytes.appendVarint(UInt64(column.count))
        bytes.append(contentsOf: column)
        ValueColumn.encode(values, into: &bytes)
        minTime = timestamps[0]
        maxTime = timestamps[timestamps.count - 1]
        count = timestamps.count
        self.bytes = bytes
    }

    /// Compresses samples; see ``init(timestamps:values:)``.
    public static func encode(_ timestamps: [Int64], _ values: [Double]) -> EncodedChunk {
        EncodedChunk(timestamps: timestamps.span, values: values.span)
    }

    /// Appends the samples of a chunk of plain floats to both arrays; on an error, these are as they were.
    ///
    /// Takes streams too, and refuses other kinds, for which ``decode(maximumCount:into:)`` is.
    ///
    /// - Parameters:
    ///   - maximumCount: Most samples the caller is ready to allocate.
    ///   - needed: Which values matter.
    public func decode(
        maximumCount: Int,
        needed: NeededValues = .all,
        appendingTo timestamps: inout [Int64],
        _ values: inout [Double]
    ) throws(ChunkError) {
        guard kind != .stream else {
            var stream = SampleColumns()
            try decodeStream(maximumCount: maximumCount, into: &stream)
            timestamps += stream.timestamps
            values += stream.values
            return
        }
        let columns = try columns(maximumCount: maximumCount)
        let start = timestamps.count
        let span = bytes.span
        try TimestampColumn.decode(
            span.extracting(columns.timestamps),
            count: count,
            into: &timestamps
        )
        do throws(ChunkError) {
            try check(.minTime, expected: minTime, found: timestamps[start])
            try check(.maxTime, expected: maxTime, found: timestamps[timestamps.count - 1])
            try ValueColumn.decode(
                span.extracting(columns.values),
                count: count,
                needed: needed,
                into: &values
            )
        } catch {
            timestamps.removeLast(timestamps.count - start)
            throw error
        }
    }

    /// Finds the two columns in `bytes`.
    private func columns(
        maximumCount: Int
    ) throws(ChunkError) -> (timestamps: Range<Int>, values: Range<Int>) {
        try bytes.span.withUnsafeBytes { (input) throws(ChunkError) in
            var reader = ColumnReader(input)
            let version = try reader.byte()
            guard version == Kind.floats.rawValue else {
                throw .unsupportedVersion(found: version, offset: 0)
            }
            let offset = reader.offset
            let found = try reader.varint()
            guard found > 0 else { throw .invalidField(.sampleCount, found: 0, offset: offset) }
            guard found <= UInt64(max(maximumCount, 0)) else {
                throw .tooManySamples(count: found, limit: maximumCount)
            }
            try check(.sampleCount, expected: Int64(count), found: Int64(found))
            let sizeOffset = reader.offset
            let size = try reader.varint()
            guard size <= UInt64(reader.remaining) else {
                throw .invalidField(.timestampsSize, found: size, offset: sizeOffset)
            }
            let start = reader.offset
            let middle = start + Int(size)
            return (start..<middle, middle..<bytes.count)
        }
    }

    func check(
        _ field: ChunkError.Field,
        expected: Int64,
        found: Int64
    ) throws(ChunkError) {
        guard expected == found else {
            throw .mismatch(field, expected: expected, found: found)
        }
    }
}
