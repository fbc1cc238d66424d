public import ClusterInterface
public import MetricsModel
import StorageSchema

extension PostgresStore: BlockCatalog {
    public func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants, readOnly: true) { connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    select distinct tenant_id from blocks
                    where state = 'live' and tenant_id > $1 order by tenant_id limit $2
                    """,
                    [.text(last?.name ?? ""), .integer(Int64(limit))]
                )
                var tenants: [TenantID] = []
                for row in 0..<rows.rowCount {
                    let name = try rows.text(row: row, column: 0)
                    guard let tenant = try? TenantID(name) else {
                        throw .corrupt("a tenant named \"\(name)\"")
                    }
                    tenants.append(tenant)
                }
                return tenants
            }
        }
    }

    public func metrics(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [BlockMetrics] {
        guard !range.isEmpty else { return [] }
        return try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    select start_time, end_time, metrics::text from blocks
                    where tenant_id = $1 and state = 'live' and end_time > $2 and start_time < $3
                    order by start_time, block_id
                    """,
                    [.text(tenant.name), .integer(range.start), .integer(range.end)]
                )
                var blocks: [BlockMetrics] = []
                for row in 0..<rows.rowCount {
                    blocks.append(
                        BlockMetrics(
                            range: TimeRange(
                                start: try rows.integer(row: row, column: 0),
                                end: try rows.integer(row: row, column: 1)
                            ),
                            metrics: try MetricsColumn.metrics(
                                try rows.text(row: row, column: 2)
                            )
                        )
                    )
                }
                return blocks
            }
        }
    }
}
