internal import ClusterInterface
internal import MetricsModel

/// A batch on the push stream, with the number that its answer names.
///
/// Columns follow each other as they lie in memory, so that writing and reading are copies. What a steady
/// stream does not need takes no bytes: ends of samples where every row has one, ends of keys where no row
/// has any; timestamps are differences to the smallest in 0, 2, 4 or 8 bytes. A series with one sample then
/// takes 24 to 26 bytes.
struct PushMessage: WireMessage {
    static let kind: UInt8 = 1

    /// Unique on its stream.
    let sequence: UInt64
    let batch: WriteBatch
    private let layout: BatchLayout
    /// Nil where no row has histograms.
    private let histograms: HistogramRows?
    /// Nil where no row has exemplars.
    private let exemplars: ExemplarRows?
    /// Nil where there is none.
    private let metadata: MetadataEntries?

    /// Bits of the flags byte.
    private static let hasSampleEnds: UInt8 = 1
    private static let hasKeys: UInt8 = 2
    private static let hasStarts: UInt8 = 4
    private static let hasHistograms: UInt8 = 8
    private static let hasHistogramStarts: UInt8 = 16
    private static let hasExemplars: UInt8 = 32
    private static let hasMetadata: UInt8 = 64
    private static let knownFlags: UInt8 =
        hasSampleEnds | hasKeys | hasStarts | hasHistograms | hasHistogramStarts | hasExemplars
        | hasMetadata

    /// Sequence, flags, width of timestamps, size of the tenant's name, a 0, rows, samples, bytes of keys, base.
    private static let fixedSize = 8 + 4 + 12 + 8

    init(sequence: UInt64, batch: WriteBatch) {
        self.sequence = sequence
        self.batch = batch
        layout = BatchLayout(batch)
        histograms = HistogramRows.isNeeded(batch) ? HistogramRows(batch) : nil
        exemplars = ExemplarRows.isNeeded(batch) ? ExemplarRows(batch) : nil
        metadata = batch.metadata.isEmpty ? nil : MetadataEntries(batch.metadata)
    }

    var bodySize: Int {
        Self.fixedSize + batch.tenant.name.utf8.count
            + batch.rowCount * 16
            + (layout.hasSampleEnds ? batch.rowCount * 4 : 0)
            + (batch.keys.isEmpty ? 0 : batch.rowCount * 4 + batch.keys.count)
            + batch.timestamps.count * (Int(layout.width) + 8)
            + batch.startTimestamps.count * 8 + (histograms?.size ?? 0)
            + (exemplars?.size ?? 0) + (metadata?.size ?? 0)
    }

    /// - Precondition: The batch is consistent.
    func write(into writer: inout WireWriter) {
        let flags =
            (layout.hasSampleEnds ? Self.hasSampleEnds : 0)
            | (batch.keys.isEmpty ? 0 : Self.hasKeys)
            | (batch.startTimestamps.isEmpty ? 0 : Self.hasStarts)
            | (histograms == nil ? 0 : Self.hasHistograms)
            | (batch.histograms.startTimestamps.isEmpty ? 0 : Self.hasHistogramStarts)
            | (exemplars == nil ? 0 : Self.hasExemplars)
            | (metadata == nil ? 0 : Self.hasMetadata)
        writer.integer(sequence)
        writer.integer(flags)
        writer.integer(layout.width)
        writer.integer(UInt8(batch.tenant.name.utf8.count))
        writer.integer(UInt8(0))
        writer.integer(UInt32(batch.rowCount))
        writer.integer(UInt32(batch.timestamps.count))
        writer.integer(UInt32(batch.keys.count))
        writer.integer(layout.base)
        writer.bytes(batch.tenant.name.utf8)
        writer.fingerprints(batch.fingerprints)
        if layout.hasSampleEnds { writer.column(batch.sampleEnds) }
        if !batch.keys.isEmpty {
            writer.column(batch.keyEnds)
            writer.bytes(batch.keys)
        }
        switch layout.width {
        case 0: break
        case 2: writer.column(batch.timestamps, from: layout.base, as: UInt16.self)
        case 4: writer.column(batch.timestamps, from: layout.base, as: UInt32.self)
        default: writer.column(batch.timestamps)
        }
        writer.column(batch.values)
        writer.column(batch.startTimestamps)
        histograms?.write(into: &writer)
        exemplars?.write(into: &writer)
        metadata?.write(into: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let sequence = try reader.integer(UInt64.self)
        let flags = try reader.integer(UInt8.self)
        guard flags & ~Self.knownFlags == 0 else {
            throw .invalidField("flags", found: UInt64(flags))
        }
        let width = try reader.integer(UInt8.self)
        let tenantSize = try reader.integer(UInt8.self)
        let reserved = try reader.integer(UInt8.self)
        guard reserved == 0 else { throw .invalidField("reserved", found: UInt64(reserved)) }
        let rowCount = Int(try reader.integer(UInt32.self))
        let sampleCount = Int(try reader.integer(UInt32.self))
        let keySize = Int(try reader.integer(UInt32.self))
        let base = try reader.integer(Int64.self)
        var batch = WriteBatch(tenant: try reader.tenant(size: Int(tenantSize)))
        batch.fingerprints = try reader.fingerprints(rowCount)
        batch.sampleEnds = try Self.sampleEnds(
            from: &reader,
            present: flags & Self.hasSampleEnds != 0,
            rowCount,
            sampleCount
        )
        if flags & Self.hasKeys != 0 {
            batch.keyEnds = try reader.column(rowCount)
            batch.keys = try reader.bytes(keySize)
        } else {
            guard keySize == 0 else { throw .invalidField("keySize", found: UInt64(keySize)) }
            batch.keyEnds = [UInt32](repeating: 0, count: rowCount)
        }
        // The values, still to come, take eight bytes each; so memory stays in proportion to the input.
        try reader.check(sampleCount, itemsOfAtLeast: Int(width) + 8)
        batch.timestamps = try Self.timestamps(
            from: &reader,
            width: width,
            base: base,
            count: sampleCount
        )
        batch.values = try reader.column(sampleCount)
        try Self.readOthers(from: &reader, flags: flags, into: &batch)
        guard batch.isConsistent else { throw .inconsistentColumns }
        self.init(sequence: sequence, batch: batch)
    }

    /// Reads what stands behind plain floats.
    private static func readOthers(
        from reader: inout WireReader,
        flags: UInt8,
        into batch: inout WriteBatch
    ) throws(WireError) {
        if flags & hasStarts != 0 {
            batch.startTimestamps = try reader.column(batch.timestamps.count)
        }
        let hasHistogramStarts = flags & hasHistogramStarts != 0
        if flags & hasHistograms != 0 {
            try HistogramRows.read(from: &reader, hasStarts: hasHistogramStarts, into: &batch)
        } else if hasHistogramStarts {
            throw .invalidField("flags", found: UInt64(flags))
        }
        if flags & hasExemplars != 0 { try ExemplarRows.read(from: &reader, into: &batch) }
        if flags & hasMetadata != 0 {
            batch.metadata = try MetadataEntries.read(from: &reader)
        }
    }

    private static func sampleEnds(
        from reader: inout WireReader,
        present: Bool,
        _ rowCount: Int,
        _ sampleCount: Int
    ) throws(WireError) -> [UInt32] {
        if present { return try reader.column(rowCount) }
        guard rowCount == sampleCount else { throw .inconsistentColumns }
        return (0..<rowCount).map { UInt32($0) + 1 }
    }

    private static func timestamps(
        from reader: inout WireReader,
        width: UInt8,
        base: Int64,
        count: Int
    ) throws(WireError) -> [Int64] {
        switch width {
        case 0: return [Int64](repeating: base, count: count)
        case 2: return try reader.column(count, from: base, as: UInt16.self)
        case 4: return try reader.column(count, from: base, as: UInt32.self)
        case 8: return try reader.column(count)
        default: throw .invalidField("timestampWidth", found: UInt64(width))
        }
    }
}

/// How the columns of a batch are written.
private struct BatchLayout {
    /// Whether some row has another number of samples than one.
    var hasSampleEnds: Bool
    /// Bytes of a timestamp: 0, 2, 4 or 8.
    var width: UInt8
    /// What narrow timestamps are added to, in milliseconds; 0 where the width is 8.
    var base: Int64

    init(_ batch: WriteBatch) {
        hasSampleEnds =
            batch.rowCount != batch.timestamps.count
            || batch.sampleEnds.enumerated().contains { Int($1) != $0 + 1 }
        (width, base) = Self.narrowest(batch.timestamps)
    }

    private static func narrowest(_ timestamps: [Int64]) -> (width: UInt8, base: Int64) {
        guard var least = timestamps.first else { return (0, 0) }
        var greatest = least
        for timestamp in timestamps {
            least = min(least, timestamp)
            greatest = max(greatest, timestamp)
        }
        let (span, overflows) = greatest.subtractingReportingOverflow(least)
        if overflows || span > Int64(UInt32.max) { return (8, 0) }
        if span == 0 { return (0, least) }
        return (span <= Int64(UInt16.max) ? 2 : 4, least)
    }
}
