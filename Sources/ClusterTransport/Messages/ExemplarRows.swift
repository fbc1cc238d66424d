internal import ClusterInterface
internal import MetricsModel

/// The exemplars of a batch as they stand behind its histograms in a ``PushMessage``.
///
/// Exemplars u32 · size of their bytes u32 · one past each row's last exemplar u32 · ``ExemplarBytes``, one behind the
/// other, each after the timestamp of the one before (0 before the first).
struct ExemplarRows {
    private let batch: WriteBatch
    private let bytes: [UInt8]

    init(_ batch: WriteBatch) {
        self.batch = batch
        bytes = batch.exemplars.encoded
    }

    /// Whether a batch has anything of this.
    static func isNeeded(_ batch: WriteBatch) -> Bool { !batch.exemplarEnds.isEmpty }

    var size: Int { 8 + batch.rowCount * 4 + bytes.count }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt32(batch.exemplars.count))
        writer.integer(UInt32(bytes.count))
        writer.column(batch.exemplarEnds)
        writer.bytes(bytes)
    }

    /// Reads into a batch whose rows are known.
    static func read(
        from reader: inout WireReader,
        into batch: inout WriteBatch
    ) throws(WireError) {
        let count = try reader.count(itemsOfAtLeast: ExemplarBytes.minimumSize)
        let size = Int(try reader.integer(UInt32.self))
        batch.exemplarEnds = try reader.column(batch.rowCount)
        batch.exemplars = try reader.exemplars(count, size: size)
    }
}

/// The metadata of a batch, behind everything else: entries u32 · size of their bytes u32 · ``MetadataBytes``, one
/// behind the other.
struct MetadataEntries {
    private let count: Int
    private let bytes: [UInt8]

    init(_ entries: [MetricMetadata]) {
        var bytes: [UInt8] = []
        for entry in entries { MetadataBytes.append(entry, to: &bytes) }
        self.bytes = bytes
        count = entries.count
    }

    var size: Int { 8 + bytes.count }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt32(count))
        writer.integer(UInt32(bytes.count))
        writer.bytes(bytes)
    }

    static func read(from reader: inout WireReader) throws(WireError) -> [MetricMetadata] {
        let count = try reader.count(itemsOfAtLeast: MetadataBytes.minimumSize)
        let size = Int(try reader.integer(UInt32.self))
        let bytes = try reader.bytes(size)
        var entries: [MetricMetadata] = []
        entries.reserveCapacity(count)
        var position = 0
        for _ in 0..<count {
            let (entry, length) = try bytes.stored(at: position) {
                (bytes) throws(StoredBytesError) in try MetadataBytes.read(bytes)
            }
            entries.append(entry)
            position += length
        }
        guard position == bytes.count else { throw .trailingBytes(bytes.count - position) }
        return entries
    }
}

extension [Exemplar] {
    /// One behind the other, each after the timestamp of the one before.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        var timestamp: Int64 = 0
        for exemplar in self {
            ExemplarBytes.append(exemplar, after: timestamp, to: &bytes)
            timestamp = exemplar.timestamp
        }
        return bytes
    }
}

extension WireReader {
    /// Reads what ``Swift/Array/encoded`` writes; the caller has checked that the count can fit.
    mutating func exemplars(_ count: Int, size: Int) throws(WireError) -> [Exemplar] {
        let bytes = try bytes(size)
        var exemplars: [Exemplar] = []
        exemplars.reserveCapacity(count)
        var position = 0
        var timestamp: Int64 = 0
        for _ in 0..<count {
            let (exemplar, length) = try bytes.stored(at: position) {
                (bytes) throws(StoredBytesError) in
                try ExemplarBytes.read(bytes, after: timestamp)
            }
            exemplars.append(exemplar)
            timestamp = exemplar.timestamp
            position += length
        }
        guard position == bytes.count else { throw .trailingBytes(bytes.count - position) }
        return exemplars
    }
}

extension [UInt8] {
    /// Reads a value of a size of its own.
    fileprivate func stored<Value>(
        at position: Int,
        _ read: (UnsafeRawBufferPointer) throws(StoredBytesError) -> (Value, Int)
    ) throws(WireError) -> (Value, Int) {
        try withUnsafeBufferPointer { (bytes) throws(WireError) -> (Value, Int) in
            let rest = UnsafeBufferPointer(rebasing: bytes[position...])
            do throws(StoredBytesError) {
                return try read(UnsafeRawBufferPointer(rest))
            } catch {
                throw .invalidExemplar(error)
            }
        }
    }
}
