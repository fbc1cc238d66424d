public import ClusterInterface
import GRDB
public import MetricsModel
import StorageSchema

extension EmbeddedStore: BlockCatalog {
    public func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID] {
        try await read { database in
            let names = try String.fetchAll(
                database,
                sql: """
                    select distinct tenant_id from blocks
                    where state = 'live' and tenant_id > ? order by tenant_id limit ?
                    """,
                arguments: [last?.name ?? "", limit]
            )
            return try names.map { name in
                guard let tenant = try? TenantID(name) else {
                    throw StoreError.corrupt("a tenant named \"\(name)\"")
                }
                return tenant
            }
        }
    }

    public func metrics(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [BlockMetrics] {
        guard !range.isEmpty else { return [] }
        return try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select start_time, end_time, metrics from blocks
                    where tenant_id = ? and state = 'live' and end_time > ? and start_time < ?
                    order by start_time, block_id
                    """,
                arguments: [tenant.name, range.start, range.end]
            )
            return try rows.map { row in
                BlockMetrics(
                    range: TimeRange(start: row[0], end: row[1]),
                    metrics: try MetricsColumn.metrics(row[2])
                )
            }
        }
    }
}
