public import ClusterInterface
import MetricsModel

extension PostgresStore {
    public func haElections(changedWithin span: Duration?) async throws -> [HAElectionRow] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants, readOnly: true) { connection throws(StoreError) in
                let condition = "changed_at >= clock_timestamp() - $1 * interval '1 millisecond'"
                let rows = try connection.query(
                    "select \(Self.electionColumns) from ha_elections held "
                        + (span == nil ? "" : "where \(condition) ")
                        + "order by tenant_id, cluster",
                    span.map { [.integer(Self.milliseconds($0))] } ?? []
                )
                var elections: [HAElectionRow] = []
                for row in 0..<rows.rowCount {
                    elections.append(try Self.election(rows, row: row))
                }
                return elections
            }
        }
    }

    public func compareAndSet(_ change: HAElectionChange) async throws -> HAElectionAnswer {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(change.tenant)) { connection throws(StoreError) in
                let written = try Self.write(change, connection)
                if written.rowCount == 1 {
                    return HAElectionAnswer(
                        isWritten: true,
                        row: try Self.election(written, row: 0)
                    )
                }
                let rows = try connection.query(
                    """
                    select \(Self.electionColumns) from ha_elections held
                    where tenant_id = $1 and cluster = $2
                    """,
                    [.text(change.tenant.name), .text(change.cluster)]
                )
                return HAElectionAnswer(
                    isWritten: false,
                    row: rows.rowCount == 0 ? nil : try Self.election(rows, row: 0)
                )
            }
        }
    }

    public func removeHAElections(silentFor time: Duration) async throws -> Int {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants) { connection throws(StoreError) in
                try connection.query(
                    """
                    delete from ha_elections
                    where received_at < clock_timestamp() - $1 * interval '1 millisecond'
                    """,
                    [.integer(Self.milliseconds(time))]
                ).changedRowCount
            }
        }
    }

    /// - Returns: The row as it was written; none where another one is there, or none.
    private static func write(
        _ change: HAElectionChange,
        _ connection: PostgresConnection
    ) throws(StoreError) -> PostgresResult {
        var parameters: [PostgresParameter] = [
            .text(change.tenant.name), .text(change.cluster), .text(change.replica),
            .integer(change.startTime), .integer(change.newestSample),
            .integer(change.receivedAge),
        ]
        guard let version = change.expectedVersion else {
            return try connection.query(
                """
                insert into ha_elections as held (tenant_id, cluster, replica, version, start_time,
                    newest_sample, received_at, elected_at, changed_at)
                values ($1, $2, $3, nextval('ha_election_versions'), $4, $5,
                    clock_timestamp() - $6 * interval '1 millisecond', clock_timestamp(),
                    clock_timestamp())
                on conflict (tenant_id, cluster) do nothing
                returning \(electionColumns)
                """,
                parameters
            )
        }
        parameters.append(.integer(version))
        return try connection.query(
            """
            update ha_elections as held set replica = $3, start_time = $4, newest_sample = $5,
                version = nextval('ha_election_versions'),
                received_at = clock_timestamp() - $6 * interval '1 millisecond',
                changed_at = clock_timestamp(),
                elected_at = case when held.replica = $3 then held.elected_at
                    else clock_timestamp() end
            where tenant_id = $1 and cluster = $2 and version = $7
            returning \(electionColumns)
            """,
            parameters
        )
    }

    /// What ``election(_:row:)`` reads.
    private static let electionColumns = """
        held.tenant_id, held.cluster, held.replica, held.version, held.start_time,
        held.newest_sample,
        greatest(0, extract(epoch from clock_timestamp() - held.received_at) * 1000)::bigint,
        greatest(0, extract(epoch from clock_timestamp() - held.elected_at) * 1000)::bigint
        """

    private static func election(
        _ rows: borrowing PostgresResult,
        row: Int
    ) throws(StoreError) -> HAElectionRow {
        HAElectionRow(
            tenant: try tenant(rows, row: row, column: 0),
            cluster: try rows.text(row: row, column: 1),
            replica: try rows.text(row: row, column: 2),
            version: try rows.integer(row: row, column: 3),
            startTime: try rows.integer(row: row, column: 4),
            newestSample: try rows.integer(row: row, column: 5),
            receivedAge: try rows.integer(row: row, column: 6),
            electedAge: try rows.integer(row: row, column: 7)
        )
    }
}
