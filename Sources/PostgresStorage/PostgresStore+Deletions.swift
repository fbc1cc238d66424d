public import ClusterInterface
public import MetricsModel

extension PostgresStore {
    public func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) async throws -> SeriesDeletion {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant)) { connection throws(StoreError) in
                // A number that is committed after a higher one could be missed by blocks that have seen the higher.
                _ = try connection.query(
                    "select pg_advisory_xact_lock(hashtextextended('deletions/' || $1, 0))",
                    [.text(tenant.name)]
                )
                let rows = try connection.query(
                    """
                    insert into deletions (tenant_id, number, selectors, start_time, end_time)
                    values ($1, nextval('deletion_numbers'), $2, $3, $4)
                    returning \(Self.deletionColumns)
                    """,
                    [
                        .text(tenant.name), .texts(selectors), .integer(range.start),
                        .integer(range.end),
                    ]
                )
                return try Self.deletion(of: tenant, rows, row: 0)
            }
        }
    }

    public func deletionsInForce(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await deletions(
            of: tenant,
            "phase <> 'done' and end_time > $2 and start_time < $3 order by number",
            [.integer(range.start), .integer(range.end)]
        )
    }

    public func latestDeletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await deletions(
            of: tenant,
            """
            phase <> 'done' and end_time > $2 and start_time < $3
            union all (
                select \(Self.deletionColumns) from deletions
                where tenant_id = $1 and phase = 'done' order by number desc limit 1)
            order by number
            """,
            [.integer(range.start), .integer(range.end)]
        )
    }

    public func deletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await deletions(
            of: tenant,
            "end_time > $2 and start_time < $3 order by number",
            [.integer(range.start), .integer(range.end)]
        )
    }

    public func deletions(of tenant: TenantID, limit: Int) async throws -> [SeriesDeletion] {
        try await deletions(
            of: tenant,
            "true order by number desc limit $2",
            [.integer(Int64(limit))]
        )
    }

    /// - Parameter condition: Behind the condition on the tenant, with parameters from the second on.
    private func deletions(
        of tenant: TenantID,
        _ condition: String,
        _ parameters: [PostgresParameter]
    ) async throws -> [SeriesDeletion] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                let rows = try connection.query(
                    "select \(Self.deletionColumns) from deletions where tenant_id = $1 and "
                        + condition,
                    [.text(tenant.name)] + parameters
                )
                var deletions: [SeriesDeletion] = []
                for row in 0..<rows.rowCount {
                    deletions.append(try Self.deletion(of: tenant, rows, row: row))
                }
                return deletions
            }
        }
    }

    public func tenantsWithDeletions() async throws -> [TenantID] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants, readOnly: true) { connection throws(StoreError) in
                let rows = try connection.query(
                    "select distinct tenant_id from deletions where phase <> 'done' order by tenant_id",
                    []
                )
                var tenants: [TenantID] = []
                for row in 0..<rows.rowCount {
                    tenants.append(try Self.tenant(rows, row: row, column: 0))
                }
                return tenants
            }
        }
    }

    @discardableResult
    public func advance(
        _ deletion: SeriesDeletion,
        to phase: SeriesDeletion.Phase
    ) async throws -> Bool {
        let earlier = SeriesDeletion.Phase.allCases.prefix { $0 != phase }
        return try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(deletion.tenant)) { connection throws(StoreError) in
                let name = PostgresParameter.text(deletion.tenant.name)
                // Apart from the update, which so begins after a block was published that has not seen the deletion.
                _ = try connection.query(
                    "select from deletions where tenant_id = $1 and number = $2 for update",
                    [name, .integer(deletion.number)]
                )
                let moved = try connection.query(
                    """
                    update deletions set phase = $3,
                        finished_at = case when $3 = 'done' then clock_timestamp() end
                    where tenant_id = $1 and number = $2 and phase = any ($4)
                        and ($3 <> 'done' or not exists (select from blocks
                            where blocks.tenant_id = $1 and state = 'live'
                                and deletions_seen < number
                                and blocks.end_time > deletions.start_time
                                and blocks.start_time < deletions.end_time))
                    """,
                    [
                        name, .integer(deletion.number), .text(phase.rawValue),
                        .texts(earlier.map(\.rawValue)),
                    ]
                )
                return moved.changedRowCount == 1
            }
        }
    }

    public func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange,
        notSeen deletion: Int64,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    select \(Self.recordColumns) from blocks
                    where tenant_id = $1 and state = 'live' and end_time > $2 and start_time < $3
                        and deletions_seen < $4
                    order by start_time, block_id limit $5
                    """,
                    [
                        .text(tenant.name), .integer(range.start), .integer(range.end),
                        .integer(deletion), .integer(Int64(limit)),
                    ]
                )
                var records: [BlockRecord] = []
                for row in 0..<rows.rowCount {
                    records.append(try Self.record(of: tenant, rows, row: row))
                }
                return records
            }
        }
    }

    public func rewrite(
        _ parent: BlockRecord,
        as children: [BlockRecord],
        seen: Int64,
        removed: [Int64: Int],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(lease.tenant)) { connection throws(StoreError) in
                try Self.require(lease, connection)
                if children.contains(where: { $0.id == parent.id }) {
                    try Self.requireLive(parent, of: lease.tenant, connection)
                } else {
                    try Self.retire([parent], of: lease.tenant, grace, connection)
                }
                for child in children {
                    let result = try connection.query(
                        """
                        update blocks set state = 'live', remove_after = null, level = $3,
                            deletions_seen = greatest(deletions_seen, $4)
                        where tenant_id = $1 and block_id = $2
                        """,
                        [
                            .text(lease.tenant.name), .uuid(child.id),
                            .integer(Int64(child.level)), .integer(seen),
                        ]
                    )
                    guard result.changedRowCount == 1 else {
                        throw .missing("block \(child.id)")
                    }
                }
                for (number, count) in removed.sorted(by: { $0.key < $1.key }) {
                    _ = try connection.query(
                        """
                        update deletions set removed_samples = removed_samples + $3
                        where tenant_id = $1 and number = $2
                        """,
                        [.text(lease.tenant.name), .integer(number), .integer(Int64(count))]
                    )
                }
            }
        }
    }

    /// A block that another worker has replaced meanwhile must not come back; nobody replaces it until the
    /// transaction ends.
    private static func requireLive(
        _ block: BlockRecord,
        of tenant: TenantID,
        _ connection: PostgresConnection
    ) throws(StoreError) {
        let rows = try connection.query(
            "select 1::bigint from blocks where tenant_id = $1 and block_id = $2 and state = 'live' for update",
            [.text(tenant.name), .uuid(block.id)]
        )
        guard rows.rowCount == 1 else { throw .notLive(block.id) }
    }

    public func rowCounts(of tenant: TenantID) async throws -> [String: Int] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                var counts: [String: Int] = [:]
                for table in [
                    "blocks", "block_pages", "deletions", "ha_elections", "leases",
                    "tenant_overrides",
                ] {
                    let rows = try connection.query(
                        "select count(*) from \(table) where tenant_id = $1",
                        [.text(tenant.name)]
                    )
                    counts[table] = Int(try rows.integer(row: 0, column: 0))
                }
                return counts
            }
        }
    }

    /// What ``deletion(of:_:row:)`` reads.
    private static let deletionColumns = """
        number, start_time, end_time, phase, (extract(epoch from requested_at) * 1000)::bigint,
        coalesce((extract(epoch from finished_at) * 1000)::bigint, -1), removed_samples,
        array_to_string(selectors, E'\\n')
        """

    private static func deletion(
        of tenant: TenantID,
        _ rows: borrowing PostgresResult,
        row: Int
    ) throws(StoreError) -> SeriesDeletion {
        let name = try rows.text(row: row, column: 3)
        guard let phase = SeriesDeletion.Phase(rawValue: name) else {
            throw .corrupt("a deletion in the phase \"\(name)\"")
        }
        let finished = try rows.integer(row: row, column: 5)
        return SeriesDeletion(
            tenant: tenant,
            number: try rows.integer(row: row, column: 0),
            selectors: try rows.text(row: row, column: 7).split(separator: "\n").map(String.init),
            range: TimeRange(
                start: try rows.integer(row: row, column: 1),
                end: try rows.integer(row: row, column: 2)
            ),
            phase: phase,
            requestedAt: try rows.integer(row: row, column: 4),
            finishedAt: finished < 0 ? nil : finished,
            removedSamples: Int(try rows.integer(row: row, column: 6))
        )
    }
}
