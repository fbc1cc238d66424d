public import MetricsModel

/// The bytes of a chunk of histograms, whole in themselves; blocks keep them as they are.
public enum HistogramChunk {
    /// Appends the chunk to `out`.
    ///
    /// - Parameter starts: A start for each timestamp, 0 if it is unknown, or none at all.
    /// - Precondition: As many histograms as timestamps, at least one, and not more than
    ///   ``HistogramColumn/Capacity`` takes; timestamps strictly increase.
    public static func encode(
        timestamps: Span<Int64>,
        histograms: ArraySlice<Histogram>,
        starts: Span<Int64>,
        into out: inout [UInt8]
    ) {
        precondition(timestamps.count == histograms.count, "a histogram for every timestamp")
        precondition(timestamps.count > 0, "a chunk has samples")
        ChunkParts.encode(
            .histograms,
            timestamps: timestamps,
            starts: starts.hasStarts ? starts : starts.extracting(first: 0),
            into: &out
        )
        HistogramColumn.encode(histograms, into: &out)
    }

    /// Appends the chunk's samples to the columns; on an error, these are as they were.
    ///
    /// - Parameters:
    ///   - bytes: The whole chunk and nothing after it. Not trusted.
    ///   - maximumCount: Most samples the caller is ready to allocate.
    public static func decode(
        _ bytes: Span<UInt8>,
        maximumCount: Int,
        into out: inout HistogramColumns
    ) throws(ChunkError) {
        let parts = try ChunkParts(bytes, kind: .histograms, maximumCount: maximumCount)
        let first = out.timestamps.count
        let firstStart = out.startTimestamps.count
        do throws(ChunkError) {
            try parts.decodeTimes(bytes, into: &out.timestamps, &out.startTimestamps)
            try HistogramColumn.decode(
                bytes.extracting(parts.samples),
                count: parts.count,
                into: &out.values
            )
        } catch {
            out.timestamps.removeLast(out.timestamps.count - first)
            out.startTimestamps.removeLast(out.startTimestamps.count - firstStart)
            throw error
        }
        out.fillStarts()
    }
}

extension Span<Int64> {
    /// Whether any start timestamp is known.
    var hasStarts: Bool {
        for index in indices where self[index] != 0 { return true }
        return false
    }
}
