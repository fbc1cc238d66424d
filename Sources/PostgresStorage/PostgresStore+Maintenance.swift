public import ClusterInterface
public import MetricsModel
import StorageSchema

extension PostgresStore {
    public func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants, readOnly: true) { connection throws(StoreError) in
                // From tenant to tenant in the index, whatever the number of blocks between.
                let rows = try connection.query(
                    """
                    with recursive found (tenant_id, number) as (
                        (select tenant_id, 1 from blocks where tenant_id > $1
                        order by tenant_id limit 1)
                        union all
                        select (select tenant_id from blocks
                            where blocks.tenant_id > found.tenant_id
                            order by tenant_id limit 1), number + 1
                        from found where found.tenant_id is not null and number < $2
                    )
                    select tenant_id from found where tenant_id is not null
                    """,
                    [.text(last?.name ?? ""), .integer(Int64(limit))]
                )
                var tenants: [TenantID] = []
                for row in 0..<rows.rowCount {
                    tenants.append(try Self.tenant(rows, row: row, column: 0))
                }
                return tenants
            }
        }
    }

    public func liveBlocks(
        belowLevel level: Int,
        after last: BlockRecord?,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants, readOnly: true) { connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    select \(Self.recordColumns), tenant_id from blocks
                    where state = 'live' and level < 2 and level < $1
                        and (tenant_id, start_time, block_id) > ($2, $3, $4)
                    order by tenant_id, start_time, block_id limit $5
                    """,
                    [
                        .integer(Int64(level)), .text(last?.tenant.name ?? ""),
                        .integer(last?.range.start ?? .min),
                        .uuid(last?.id ?? BlockID(high: 0, low: 0)), .integer(Int64(limit)),
                    ]
                )
                var records: [BlockRecord] = []
                for row in 0..<rows.rowCount {
                    let tenant = try Self.tenant(rows, row: row, column: 10)
                    records.append(try Self.record(of: tenant, rows, row: row))
                }
                return records
            }
        }
    }

    public func stage(_ block: NewBlock, under lease: Lease) async throws {
        try block.requireSoundness()
        let record = block.record
        try await withSchema { worker throws(StoreError) in
            try Self.ensurePartition(for: record, worker)
            try worker.transaction(.tenant(record.tenant)) { connection throws(StoreError) in
                try Self.require(lease, connection)
                let removal = "clock_timestamp() + interval '1 day'"
                if try Self.insertRow(block, removeAfter: removal, connection) {
                    try Self.insertBody(block, connection)
                } else {
                    _ = try connection.query(
                        """
                        update blocks set remove_after = \(removal)
                        where tenant_id = $1 and block_id = $2 and state = 'retired'
                        """,
                        [.text(record.tenant.name), .uuid(record.id)]
                    )
                }
            }
        }
    }

    public func replace(
        _ parents: [BlockRecord],
        with children: [BlockRecord],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(lease.tenant)) { connection throws(StoreError) in
                try Self.require(lease, connection)
                try Self.retire(parents, of: lease.tenant, grace, connection)
                for child in children {
                    let result = try connection.query(
                        """
                        update blocks set state = 'live', remove_after = null, level = $3,
                            deletions_seen = greatest(deletions_seen, $4)
                        where tenant_id = $1 and block_id = $2
                        """,
                        [
                            .text(lease.tenant.name), .uuid(child.id),
                            .integer(Int64(child.level)), .integer(child.deletionsSeen),
                        ]
                    )
                    guard result.changedRowCount == 1 else { throw .missing("block \(child.id)") }
                }
            }
        }
    }

    static func retire(
        _ blocks: [BlockRecord],
        of tenant: TenantID,
        _ grace: Duration,
        _ connection: PostgresConnection
    ) throws(StoreError) {
        guard !blocks.isEmpty else { return }
        let rows = try connection.query(
            """
            update blocks set state = 'retired',
                remove_after = clock_timestamp() + $3 * interval '1 millisecond'
            where tenant_id = $1 and state = 'live'
                and (block_id, deletions_seen) in (select * from unnest($2::uuid[], $4::bigint[]))
            returning block_id
            """,
            [
                .text(tenant.name), .uuids(blocks.map(\.id)), .integer(milliseconds(grace)),
                .integers(blocks.map(\.deletionsSeen)),
            ]
        )
        var retired: Set<BlockID> = []
        for row in 0..<rows.rowCount { retired.insert(try rows.uuid(row: row, column: 0)) }
        for block in blocks where !retired.contains(block.id) { throw .notLive(block.id) }
    }

    public func retireBlocks(
        endingBy time: Int64,
        under lease: Lease,
        grace: Duration
    ) async throws -> Int {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(lease.tenant)) { connection throws(StoreError) in
                try Self.require(lease, connection)
                return try connection.query(
                    """
                    update blocks set state = 'retired',
                        remove_after = clock_timestamp() + $3 * interval '1 millisecond'
                    where tenant_id = $1 and state = 'live' and end_time <= $2
                    """,
                    [
                        .text(lease.tenant.name), .integer(time),
                        .integer(Self.milliseconds(grace)),
                    ]
                ).changedRowCount
            }
        }
    }

    public func removeRetiredBlocks(of tenant: TenantID, limit: Int) async throws -> RemovedBlocks {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant)) { connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    with gone as (
                        select block_id from blocks
                        where tenant_id = $1 and state = 'retired'
                            and remove_after < clock_timestamp()
                        order by remove_after limit $2
                        for update skip locked
                    )
                    delete from blocks using gone
                    where blocks.tenant_id = $1 and blocks.block_id = gone.block_id
                    returning blocks.block_id, blocks.start_time, blocks.size
                    """,
                    [.text(tenant.name), .integer(Int64(limit))]
                )
                var removed = RemovedBlocks()
                for row in 0..<rows.rowCount {
                    removed.count += 1
                    removed.size += Int(try rows.integer(row: row, column: 2))
                    _ = try connection.query(
                        """
                        delete from block_pages
                        where tenant_id = $1 and block_id = $2 and start_time = $3
                        """,
                        [
                            .text(tenant.name), .uuid(try rows.uuid(row: row, column: 0)),
                            .integer(try rows.integer(row: row, column: 1)),
                        ]
                    )
                }
                return removed
            }
        }
    }

    /// Partitions for this week and the next one are made, old empty ones dropped, leases that are long over forgotten.
    public func maintain() async throws {
        try await withSchema { worker throws(StoreError) in
            let now = try worker.transaction(.cluster) { connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    select clock.now, ensure_block_pages_partition(clock.now),
                        ensure_block_pages_partition(clock.now + 604800000)
                    from (select (extract(epoch from clock_timestamp()) * 1000)::bigint) as clock (now)
                    """,
                    []
                )
                return try rows.integer(row: 0, column: 0)
            }
            try worker.transaction(.allTenants) { connection throws(StoreError) in
                try connection.run(
                    "delete from leases where expires_at < clock_timestamp() - interval '1 day'"
                )
            }
            while try Self.dropEmptyPartition(before: now - 604_800_000, worker) {}
        }
    }

    /// Drops one partition; a lock that does not come at once is left for another time.
    private static func dropEmptyPartition(
        before time: Int64,
        _ worker: PostgresWorker
    ) throws(StoreError) -> Bool {
        try worker.transaction(.cluster) { connection throws(StoreError) in
            try connection.run("set local lock_timeout = '200ms'")
            do throws(StoreError) {
                let rows = try connection.query(
                    "select drop_empty_block_pages_partition($1)",
                    [.integer(time)]
                )
                return try !rows.text(row: 0, column: 0).isEmpty
            } catch {
                guard case .unavailable(let cause) = error, cause.contains("55P03") else {
                    throw error
                }
                // The transaction is to be rolled back, which a commit does as well.
                return false
            }
        }
    }

    static func tenant(
        _ rows: borrowing PostgresResult,
        row: Int,
        column: Int
    ) throws(StoreError) -> TenantID {
        let name = try rows.text(row: row, column: column)
        guard let tenant = try? TenantID(name) else {
            throw .corrupt("a block of the tenant \"\(name)\"")
        }
        return tenant
    }
}
