public import ClusterInterface
public import MetricsModel
import StorageSchema

extension PostgresStore {
    /// Bytes of a full slab; `migrations/0001_blocks.postgres.sql` holds us to it.
    static let slabSize = 1 << 20

    @discardableResult
    public func publish(_ block: NewBlock) async throws -> Bool {
        let record = block.record
        try block.requireSoundness()
        return try await withSchema { worker throws(StoreError) in
            try Self.ensurePartition(for: record, worker)
            return try worker.transaction(.tenant(record.tenant)) { connection throws(StoreError) in
                guard let seen = block.deletionsSeen else {
                    return try Self.publish(block, connection)
                }
                return try Self.publish(block, seen: seen, connection)
            }
        }
    }

    /// Publishes what comes from an ingester that took part in all deletions.
    private static func publish(
        _ block: NewBlock,
        _ connection: PostgresConnection
    ) throws(StoreError) -> Bool {
        if try insertRow(block, seen: newestStoredDeletion, connection) {
            try insertBody(block, connection)
            return true
        }
        let key: [PostgresParameter] = [.text(block.record.tenant.name), .uuid(block.record.id)]
        let revived = try connection.query(
            """
            update blocks set state = 'live', remove_after = null
            where tenant_id = $1 and block_id = $2 and state = 'retired' and not \(isMeant())
            """,
            key
        )
        if revived.changedRowCount == 1 { return true }
        let deleted = try connection.query(
            """
            select \(newestStoredDeletion) from blocks
            where tenant_id = $1 and block_id = $2
                and (state = 'retired' or \(isMeant(by: "phase <> 'ordered'")))
            """,
            key
        )
        guard deleted.rowCount > 0 else { return false }
        throw .deleted(block.record.id, newest: try deleted.integer(row: 0, column: 0))
    }

    private static func publish(
        _ block: NewBlock,
        seen: Int64,
        _ connection: PostgresConnection
    ) throws(StoreError) -> Bool {
        if try insertRow(block, seen: String(seen), connection) {
            try insertBody(block, connection)
        } else {
            let changed = try connection.query(
                """
                update blocks set state = 'live', remove_after = null,
                    deletions_seen = greatest(deletions_seen, $3)
                where tenant_id = $1 and block_id = $2
                    and (state = 'retired' or deletions_seen < $3)
                """,
                [.text(block.record.tenant.name), .uuid(block.record.id), .integer(seen)]
            )
            guard changed.changedRowCount == 1 else { return false }
        }
        try reopenDeletions(block.record, after: seen, connection)
        return true
    }

    /// Whether a deletion that the row of `blocks` has not seen may mean its samples, in SQL.
    private static func isMeant(by condition: String = "true") -> String {
        """
        exists (select from deletions
            where deletions.tenant_id = $1 and number > deletions_seen
                and deletions.end_time > blocks.start_time
                and deletions.start_time < blocks.end_time and \(condition))
        """
    }

    /// Rows that are not done are written, too: who is about to finish one waits, and then sees the block.
    private static func reopenDeletions(
        _ block: BlockRecord,
        after seen: Int64,
        _ connection: PostgresConnection
    ) throws(StoreError) {
        _ = try connection.query(
            """
            update deletions set phase = 'stored', finished_at = null
            where tenant_id = $1 and number > $2 and phase <> 'ordered'
                and end_time > $3 and start_time < $4
            """,
            [
                .text(block.tenant.name), .integer(seen), .integer(block.range.start),
                .integer(block.range.end),
            ]
        )
    }

    /// Makes the partition for a block's bytes.
    ///
    /// To be called before the transaction with the bytes: its lock keeps other flushes waiting.
    static func ensurePartition(
        for record: BlockRecord,
        _ worker: PostgresWorker
    ) throws(StoreError) {
        try worker.transaction(.cluster) { connection throws(StoreError) in
            _ = try connection.query(
                "select ensure_block_pages_partition($1)",
                [.integer(record.range.start)]
            )
        }
    }

    public func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [BlockRecord] {
        guard !range.isEmpty else { return [] }
        return try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    select \(Self.recordColumns) from blocks
                    where tenant_id = $1 and state = 'live' and end_time > $2 and start_time < $3
                    order by start_time, block_id
                    """,
                    [.text(tenant.name), .integer(range.start), .integer(range.end)]
                )
                var records: [BlockRecord] = []
                records.reserveCapacity(rows.rowCount)
                for row in 0..<rows.rowCount {
                    records.append(try Self.record(of: tenant, rows, row: row))
                }
                return records
            }
        }
    }

    /// The newest deletion whose samples no ingester holds any more, in SQL; of the tenant of the first parameter.
    private static let newestStoredDeletion = """
        (select coalesce(max(number), 0) from deletions where tenant_id = $1 and phase <> 'ordered')
        """

    /// - Parameters:
    ///   - removal: When a retired block is to be removed, in SQL; that of a live one is null.
    ///   - seen: The newest deletion that cannot mean the block's samples, in SQL; the record says it if nil.
    /// - Returns: false where the block exists.
    static func insertRow(
        _ block: NewBlock,
        removeAfter removal: String = "null",
        seen: String? = nil,
        _ connection: PostgresConnection
    ) throws(StoreError) -> Bool {
        let record = block.record
        let result = try connection.query(
            """
            insert into blocks (tenant_id, block_id, start_time, end_time, level, series_count,
                sample_count, size, directory_offset, directory_length, metrics, state,
                remove_after, deletions_seen)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                case when \(removal) is null then 'live' else 'retired' end, \(removal),
                \(seen ?? String(record.deletionsSeen)))
            on conflict (tenant_id, block_id) do nothing
            """,
            [
                .text(record.tenant.name), .uuid(record.id), .integer(record.range.start),
                .integer(record.range.end), .integer(Int64(record.level)),
                .integer(Int64(record.seriesCount)), .integer(Int64(record.sampleCount)),
                .integer(Int64(record.size)), .integer(Int64(record.directory.lowerBound)),
                .integer(Int64(record.directory.count)),
                .jsonb(MetricsColumn.json(block.metrics)),
            ]
        )
        return result.changedRowCount == 1
    }

    static func insertBody(
        _ block: NewBlock,
        _ connection: PostgresConnection
    ) throws(StoreError) {
        let slabs = BodySlabs(size: block.body.count, slabSize: slabSize).slabs
        for (number, bytes) in slabs.enumerated() {
            // Not COPY, which refuses tables with row-level security; for rows this large it is no faster.
            _ = try connection.query(
                """
                insert into block_pages (tenant_id, block_id, start_time, slab, data)
                values ($1, $2, $3, $4, $5)
                """,
                [
                    .text(block.record.tenant.name), .uuid(block.record.id),
                    .integer(block.record.range.start), .integer(Int64(number)),
                    .bytes(block.body[bytes]),
                ]
            )
        }
    }

    /// What ``record(of:_:row:)`` reads.
    static let recordColumns = """
        block_id, start_time, end_time, level::bigint, series_count, sample_count, size,
        directory_offset, directory_length, deletions_seen
        """

    static func record(
        of tenant: TenantID,
        _ rows: borrowing PostgresResult,
        row: Int
    ) throws(StoreError) -> BlockRecord {
        let offset = try rows.integer(row: row, column: 7)
        let length = try rows.integer(row: row, column: 8)
        let (end, overflows) = offset.addingReportingOverflow(length)
        guard offset >= 0, length >= 0, !overflows else {
            throw .corrupt("a directory of \(length) bytes at \(offset)")
        }
        return BlockRecord(
            tenant: tenant,
            id: try rows.uuid(row: row, column: 0),
            range: TimeRange(
                start: try rows.integer(row: row, column: 1),
                end: try rows.integer(row: row, column: 2)
            ),
            level: Int(try rows.integer(row: row, column: 3)),
            seriesCount: Int(try rows.integer(row: row, column: 4)),
            sampleCount: Int(try rows.integer(row: row, column: 5)),
            size: Int(try rows.integer(row: row, column: 6)),
            directory: Int(offset)..<Int(end),
            deletionsSeen: try rows.integer(row: row, column: 9)
        )
    }
}
