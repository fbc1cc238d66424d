internal import ClusterInterface
internal import MetricsModel

/// The histograms of a batch as they stand behind its floats in a ``PushMessage``.
///
/// Histograms u32 · size of their bytes u32 · one past each row's last histogram u32 · timestamps i64 ·
/// start timestamps i64, if the message's flags say so · ``HistogramBytes``, one behind the other.
struct HistogramRows {
    private let batch: WriteBatch
    private let bytes: [UInt8]

    init(_ batch: WriteBatch) {
        self.batch = batch
        var bytes: [UInt8] = []
        for histogram in batch.histograms.values { HistogramBytes.append(histogram, to: &bytes) }
        self.bytes = bytes
    }

    /// Whether a batch has anything of this.
    static func isNeeded(_ batch: WriteBatch) -> Bool { !batch.histogramEnds.isEmpty }

    var size: Int {
        let columns = batch.histograms.timestamps.count + batch.histograms.startTimestamps.count
        return 8 + batch.rowCount * 4 + columns * 8 + bytes.count
    }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt32(batch.histograms.timestamps.count))
        writer.integer(UInt32(bytes.count))
        writer.column(batch.histogramEnds)
        writer.column(batch.histograms.timestamps)
        writer.column(batch.histograms.startTimestamps)
        writer.bytes(bytes)
    }

    /// Reads into a batch whose rows are known.
    static func read(
        from reader: inout WireReader,
        hasStarts: Bool,
        into batch: inout WriteBatch
    ) throws(WireError) {
        let count = try reader.count(itemsOfAtLeast: 8 + HistogramBytes.minimumSize)
        let size = Int(try reader.integer(UInt32.self))
        batch.histogramEnds = try reader.column(batch.rowCount)
        batch.histograms.timestamps = try reader.column(count)
        if hasStarts { batch.histograms.startTimestamps = try reader.column(count) }
        let bytes = try reader.bytes(size)
        batch.histograms.values.reserveCapacity(count)
        var position = 0
        for _ in 0..<count {
            let (histogram, length) = try histogram(in: bytes, at: position)
            batch.histograms.values.append(histogram)
            position += length
        }
        guard position == bytes.count else { throw .trailingBytes(bytes.count - position) }
    }

    private static func histogram(
        in bytes: [UInt8],
        at position: Int
    ) throws(WireError) -> (Histogram, Int) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(WireError) -> (Histogram, Int) in
            let rest = UnsafeBufferPointer(rebasing: bytes[position...])
            do throws(HistogramBytesError) {
                return try HistogramBytes.read(UnsafeRawBufferPointer(rest))
            } catch {
                throw .invalidHistogram(error)
            }
        }
    }
}
