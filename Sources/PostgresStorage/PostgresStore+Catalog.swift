public import ClusterInterface
public import MetricsModel
import StorageSchema

extension PostgresStore: BlockCatalog {
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
