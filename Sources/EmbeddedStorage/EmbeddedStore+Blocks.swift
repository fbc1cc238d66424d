public import ClusterInterface
import Foundation
import GRDB
public import MetricsModel
import StorageSchema

extension EmbeddedStore {
    /// Bytes of a full slab; `migrations/0001_blocks.sqlite.sql` holds us to it.
    private static let slabSize = 1 << 16

    @discardableResult
    public func publish(_ block: NewBlock) async throws -> Bool {
        try block.requireSoundness()
        return try await write { database in
            guard let seen = block.deletionsSeen else { return try Self.publish(block, database) }
            return try Self.publish(block, seen: seen, database)
        }
    }

    /// Publishes what comes from an ingester that took part in all deletions.
    private static func publish(_ block: NewBlock, _ database: Database) throws -> Bool {
        if try insertRow(block, seen: newestStoredDeletion, database) {
            try insertBody(block, database)
            return true
        }
        let name = block.record.tenant.name
        let id = Data(block.record.id.bytes)
        try database.execute(
            sql: """
                update blocks set state = 'live', remove_after = null
                where tenant_id = ? and block_id = ? and state = 'retired'
                    and not \(isMeant())
                """,
            arguments: [name, id]
        )
        if database.changesCount == 1 { return true }
        let newest = try Int64.fetchOne(
            database,
            sql: """
                select \(newestStoredDeletion) from blocks
                where tenant_id = ?1 and block_id = ?2
                    and (state = 'retired' or \(isMeant(by: "phase <> 'ordered'")))
                """,
            arguments: [name, id]
        )
        if let newest { throw StoreError.deleted(block.record.id, newest: newest) }
        return false
    }

    private static func publish(
        _ block: NewBlock,
        seen: Int64,
        _ database: Database
    ) throws -> Bool {
        if try insertRow(block, seen: String(seen), database) {
            try insertBody(block, database)
        } else {
            try database.execute(
                sql: """
                    update blocks set state = 'live', remove_after = null,
                        deletions_seen = max(deletions_seen, ?1)
                    where tenant_id = ?2 and block_id = ?3
                        and (state = 'retired' or deletions_seen < ?1)
                    """,
                arguments: [seen, block.record.tenant.name, Data(block.record.id.bytes)]
            )
            guard database.changesCount == 1 else { return false }
        }
        try reopenDeletions(block.record, after: seen, database)
        return true
    }

    /// Whether a deletion that the row of `blocks` has not seen may mean its samples, in SQL.
    private static func isMeant(by condition: String = "true") -> String {
        """
        exists (select 1 from deletions
            where deletions.tenant_id = blocks.tenant_id and number > deletions_seen
                and deletions.end_time > blocks.start_time
                and deletions.start_time < blocks.end_time and \(condition))
        """
    }

    private static func reopenDeletions(
        _ block: BlockRecord,
        after seen: Int64,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                update deletions set phase = 'stored', finished_at = null
                where tenant_id = ? and number > ? and phase = 'done'
                    and end_time > ? and start_time < ?
                """,
            arguments: [block.tenant.name, seen, block.range.start, block.range.end]
        )
    }

    public func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [BlockRecord] {
        guard !range.isEmpty else { return [] }
        return try await catalogRows(of: tenant, overlapping: range) { database, range in
            let statement = try database.cachedStatement(
                sql: """
                    select \(Self.recordColumns) from blocks
                    where tenant_id = ? and state = 'live' and end_time > ? and start_time < ?
                    order by start_time, block_id
                    """
            )
            let rows = try Row.fetchAll(
                statement,
                arguments: [tenant.name, range.start, range.end]
            )
            return try rows.map { try Self.record(of: tenant, $0) }
        }
    }

    public func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try await read([BlockRead(block, ranges: ranges)])[0]
    }

    /// One transaction for all blocks.
    public func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        guard try wanted.oneTenant() != nil else { return [] }
        let slices = try wanted.map { one in
            try BodySlabs(size: one.block.size, slabSize: Self.slabSize).slices(of: one.ranges)
        }
        guard slices.contains(where: { !$0.isEmpty }) else {
            return wanted.map { $0.ranges.map { _ in [] } }
        }
        return try await read { database in
            try zip(wanted, slices).map { try Self.read($0, $1, database) }
        }
    }

    private static func read(
        _ wanted: BlockRead,
        _ slices: [SlabSlice],
        _ database: Database
    ) throws -> [[UInt8]] {
        let statement = try database.cachedStatement(
            sql: """
                select substr(data, ?, ?) from block_pages
                where tenant_id = ? and block_id = ? and slab = ?
                """
        )
        let block = wanted.block
        let id = Data(block.id.bytes)
        var parts = wanted.ranges.map { _ in [UInt8]() }
        for (index, range) in wanted.ranges.enumerated() {
            parts[index].reserveCapacity(range.count)
        }
        for slice in slices {
            statement.arguments = [
                slice.offset + 1, slice.length, block.tenant.name, id, slice.slab,
            ]
            guard let bytes = try Data.fetchOne(statement) else {
                throw StoreError.missing("slab \(slice.slab) of block \(block.id)")
            }
            guard bytes.count == slice.length else {
                let lacking = slice.length - bytes.count
                throw StoreError.missing(
                    "\(lacking) bytes of slab \(slice.slab) of block \(block.id)"
                )
            }
            parts[slice.rangeIndex] += bytes
        }
        return parts
    }

    /// The newest deletion whose samples no ingester holds any more, in SQL; of the tenant of the first argument.
    private static let newestStoredDeletion = """
        (select coalesce(max(number), 0) from deletions where tenant_id = ?1 and phase <> 'ordered')
        """

    /// - Parameters:
    ///   - removal: When a retired block is to be removed, in SQL; that of a live one is null.
    ///   - seen: The newest deletion that cannot mean the block's samples, in SQL; the record says it if nil.
    /// - Returns: false where the block exists.
    static func insertRow(
        _ block: NewBlock,
        removeAfter removal: String = "null",
        seen: String? = nil,
        _ database: Database
    ) throws -> Bool {
        let record = block.record
        try database.execute(
            sql: """
                insert into blocks (tenant_id, block_id, start_time, end_time, level, series_count,
                    sample_count, size, directory_offset, directory_length, metrics, created_at,
                    state, remove_after, deletions_seen)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \(now),
                    case when \(removal) is null then 'live' else 'retired' end, \(removal),
                    \(seen ?? String(record.deletionsSeen)))
                on conflict (tenant_id, block_id) do nothing
                """,
            arguments: [
                record.tenant.name, Data(record.id.bytes), record.range.start, record.range.end,
                record.level, record.seriesCount, record.sampleCount, record.size,
                record.directory.lowerBound, record.directory.count,
                MetricsColumn.json(block.metrics),
            ]
        )
        return database.changesCount == 1
    }

    static func insertBody(_ block: NewBlock, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "insert into block_pages (tenant_id, block_id, slab, data) values (?, ?, ?, ?)"
        )
        let id = Data(block.record.id.bytes)
        let slabs = BodySlabs(size: block.body.count, slabSize: slabSize).slabs
        for (number, bytes) in slabs.enumerated() {
            try statement.execute(
                arguments: [block.record.tenant.name, id, number, Data(block.body[bytes])])
        }
    }

    /// What ``record(of:_:)`` reads.
    static let recordColumns = """
        block_id, start_time, end_time, level, series_count, sample_count, size, directory_offset,
        directory_length, deletions_seen
        """

    static func record(of tenant: TenantID, _ row: Row) throws -> BlockRecord {
        let idBytes: Data = row[0]
        let directoryStart: Int = row[7]
        let directoryLength: Int = row[8]
        let (directoryEnd, overflows) = directoryStart.addingReportingOverflow(directoryLength)
        guard let id = BlockID(bytes: idBytes), directoryStart >= 0, directoryLength >= 0,
            !overflows
        else {
            throw StoreError.corrupt(
                "a block ID of \(idBytes.count) bytes and a directory of \(directoryLength) bytes "
                    + "at \(directoryStart)"
            )
        }
        return BlockRecord(
            tenant: tenant,
            id: id,
            range: TimeRange(start: row[1], end: row[2]),
            level: row[3],
            seriesCount: row[4],
            sampleCount: row[5],
            size: row[6],
            directory: directoryStart..<directoryEnd,
            deletionsSeen: row[9]
        )
    }
}

extension BlockID {
    /// 16 bytes, the most significant first.
    var bytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian, Array.init)
            + withUnsafeBytes(of: low.bigEndian, Array.init)
    }

    fileprivate init?(bytes: Data) {
        guard bytes.count == 16 else { return nil }
        self.init(high: Self.word(bytes.prefix(8)), low: Self.word(bytes.suffix(8)))
    }

    private static func word(_ bytes: Data) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
