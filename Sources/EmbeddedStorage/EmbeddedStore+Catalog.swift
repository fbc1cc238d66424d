public import ClusterInterface
import GRDB
public import MetricsModel
import StorageSchema

extension EmbeddedStore: BlockCatalog {
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
