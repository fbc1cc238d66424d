public import ClusterInterface
import GRDB
import MetricsModel

extension EmbeddedStore {
    public func haElections(changedWithin span: Duration?) async throws -> [HAElectionRow] {
        try await read { database in
            var sql = "select \(Self.electionColumns) from ha_elections"
            var arguments = StatementArguments()
            if let span {
                sql += " where changed_at >= \(Self.now) - ?"
                arguments = [Self.milliseconds(span)]
            }
            let rows = try Row.fetchAll(
                database,
                sql: sql + " order by tenant_id, cluster",
                arguments: arguments
            )
            return try rows.map { try Self.election($0) }
        }
    }

    public func compareAndSet(_ change: HAElectionChange) async throws -> HAElectionAnswer {
        try await write { database in
            try database.execute(sql: "update ha_election_versions set version = version + 1")
            let written =
                if let version = change.expectedVersion {
                    try Self.update(change, from: version, database)
                } else {
                    try Self.insert(change, database)
                }
            if let written { return HAElectionAnswer(isWritten: true, row: written) }
            let row = try Row.fetchOne(
                database,
                sql: """
                    select \(Self.electionColumns) from ha_elections
                    where tenant_id = ? and cluster = ?
                    """,
                arguments: [change.tenant.name, change.cluster]
            )
            return HAElectionAnswer(isWritten: false, row: try row.map { try Self.election($0) })
        }
    }

    public func removeHAElections(silentFor time: Duration) async throws -> Int {
        try await write { database in
            try database.execute(
                sql: "delete from ha_elections where received_at < \(Self.now) - ?",
                arguments: [Self.milliseconds(time)]
            )
            return database.changesCount
        }
    }

    private static func insert(
        _ change: HAElectionChange,
        _ database: Database
    ) throws -> HAElectionRow? {
        let row = try Row.fetchOne(
            database,
            sql: """
                insert into ha_elections (tenant_id, cluster, replica, version, start_time,
                    newest_sample, received_at, elected_at, changed_at)
                select ?, ?, ?, counter.version, ?, ?, \(now) - ?, \(now), \(now)
                from ha_election_versions counter where true
                on conflict (tenant_id, cluster) do nothing
                returning \(electionColumns)
                """,
            arguments: [
                change.tenant.name, change.cluster, change.replica, change.startTime,
                change.newestSample, change.receivedAge,
            ]
        )
        return try row.map { try election($0) }
    }

    private static func update(
        _ change: HAElectionChange,
        from version: Int64,
        _ database: Database
    ) throws -> HAElectionRow? {
        let row = try Row.fetchOne(
            database,
            sql: """
                update ha_elections set replica = ?, start_time = ?, newest_sample = ?,
                    version = (select version from ha_election_versions),
                    received_at = \(now) - ?, changed_at = \(now),
                    elected_at = case when replica = ? then elected_at else \(now) end
                where tenant_id = ? and cluster = ? and version = ?
                returning \(electionColumns)
                """,
            arguments: [
                change.replica, change.startTime, change.newestSample, change.receivedAge,
                change.replica, change.tenant.name, change.cluster, version,
            ]
        )
        return try row.map { try election($0) }
    }

    /// What ``election(_:)`` reads.
    private static let electionColumns = """
        tenant_id, cluster, replica, version, start_time, newest_sample,
        max(0, \(now) - received_at), max(0, \(now) - elected_at)
        """

    private static func election(_ row: Row) throws -> HAElectionRow {
        HAElectionRow(
            tenant: try tenant(row[0]),
            cluster: row[1],
            replica: row[2],
            version: row[3],
            startTime: row[4],
            newestSample: row[5],
            receivedAge: row[6],
            electedAge: row[7]
        )
    }
}
