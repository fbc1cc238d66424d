public import ClusterInterface
public import MetricsModel
import StorageSchema

extension PostgresStore {
    /// Bytes of a full slab; `migrations/0001_blocks.postgres.sql` holds us to it.
    private static let slabSize = 1 << 20

    /// Most slices in one statement, which carries 12 to 36 bytes for each.
    private static let maximumSliceCount = 16_384

    @discardableResult
    public func publish(_ block: NewBlock) async throws -> Bool {
        let record = block.record
        try block.requireSoundness()
        return try await withSchema { worker throws(StoreError) in
            try Self.ensurePartition(for: record, worker)
            return try worker.transaction(.tenant(record.tenant)) { connection throws(StoreError) in
                if try Self.insertRow(block, connection) {
                    try Self.insertBody(block, connection)
                    return true
                }
                let revived = try connection.query(
                    """
                    update blocks set state = 'live', remove_after = null
                    where tenant_id = $1 and block_id = $2 and state = 'retired'
                    """,
                    [.text(record.tenant.name), .uuid(record.id)]
                )
                return revived.changedRowCount == 1
            }
        }
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

    public func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        let slabs = BodySlabs(size: block.size, slabSize: Self.slabSize)
        let slices = try slabs.slices(of: ranges)
        guard !slices.isEmpty else { return ranges.map { _ in [] } }
        let batches = Self.batches(of: slices, maximumSize: settings.maximumReadSize)
        return try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(block.tenant), readOnly: true) {
                connection throws(StoreError) in
                var parts = ranges.map { _ in [UInt8]() }
                for (index, range) in ranges.enumerated() where slices.count > ranges.count {
                    parts[index].reserveCapacity(range.count)
                }
                for batch in batches {
                    try Self.read(block, slices[batch], into: &parts, connection)
                }
                return parts
            }
        }
    }

    /// Runs of slices of which each is one statement's work.
    private static func batches(of slices: [SlabSlice], maximumSize: Int) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var start = 0
        var size = 0
        for (index, slice) in slices.enumerated() {
            if index > start,
                size + slice.length > maximumSize || index - start == maximumSliceCount
            {
                batches.append(start..<index)
                start = index
                size = 0
            }
            size += slice.length
        }
        batches.append(start..<slices.count)
        return batches
    }

    private static func read(
        _ block: BlockRecord,
        _ slices: ArraySlice<SlabSlice>,
        into parts: inout [[UInt8]],
        _ connection: PostgresConnection
    ) throws(StoreError) {
        let rows = try connection.query(
            """
            select slice.number, substring(page.data from slice.first for slice.size)
            from unnest($4::int4[], $5::int4[], $6::int4[]) with ordinality
                as slice (slab, first, size, number)
            join block_pages page on page.tenant_id = $1 and page.block_id = $2
                and page.start_time = $3 and page.slab = slice.slab
            """,
            [
                .text(block.tenant.name), .uuid(block.id), .integer(block.range.start),
                .smallIntegers(slices.map { Int32($0.slab) }),
                .smallIntegers(slices.map { Int32($0.offset + 1) }),
                .smallIntegers(slices.map { Int32($0.length) }),
            ]
        )
        guard rows.rowCount == slices.count else {
            throw .missing("\(slices.count - rows.rowCount) parts of block \(block.id)")
        }
        // The database may answer in any order.
        var rowOfSlice = [Int](repeating: -1, count: slices.count)
        for row in 0..<rows.rowCount {
            let number = Int(try rows.integer(row: row, column: 0)) - 1
            guard rowOfSlice.indices.contains(number), rowOfSlice[number] < 0 else {
                throw .corrupt("slice \(number) of block \(block.id) comes twice")
            }
            rowOfSlice[number] = row
        }
        for (slice, row) in zip(slices, rowOfSlice) {
            let bytes = try rows.bytes(row: row, column: 1)
            guard bytes.count == slice.length else {
                throw .missing(
                    "\(slice.length - bytes.count) bytes of slab \(slice.slab) of block \(block.id)"
                )
            }
            if parts[slice.rangeIndex].isEmpty {
                parts[slice.rangeIndex] = bytes
            } else {
                parts[slice.rangeIndex] += bytes
            }
        }
    }

    /// - Parameter removal: When a retired block is to be removed, in SQL; that of a live one is null.
    /// - Returns: false where the block exists.
    static func insertRow(
        _ block: NewBlock,
        removeAfter removal: String = "null",
        _ connection: PostgresConnection
    ) throws(StoreError) -> Bool {
        let record = block.record
        let result = try connection.query(
            """
            insert into blocks (tenant_id, block_id, start_time, end_time, level, series_count,
                sample_count, size, directory_offset, directory_length, metrics, state,
                remove_after)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                case when \(removal) is null then 'live' else 'retired' end, \(removal))
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
        directory_offset, directory_length
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
            directory: Int(offset)..<Int(end)
        )
    }
}
