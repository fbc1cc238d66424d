public import ClusterInterface
import GRDB
public import MetricsModel

extension EmbeddedStore {
    public func tenantOverrides(
        changedAfter version: Int64,
        limit: Int
    ) async throws -> [TenantOverridesRow] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.overridesColumns) from tenant_overrides one
                    where version > ? and not exists (select 1 from tenant_overrides later
                        where later.tenant_id = one.tenant_id and later.version > one.version)
                    order by version limit ?
                    """,
                arguments: [version, limit]
            )
            return try rows.map { try Self.overrides($0) }
        }
    }

    public func tenantOverrides(
        of tenant: TenantID,
        through version: Int64?,
        limit: Int
    ) async throws -> [TenantOverridesRow] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.overridesColumns) from tenant_overrides
                    where tenant_id = ? and version <= ? order by version desc limit ?
                    """,
                arguments: [tenant.name, version ?? .max, limit]
            )
            return try rows.map { try Self.overrides($0) }
        }
    }

    public func write(_ change: TenantOverridesChange) async throws -> TenantOverridesRow? {
        try await write { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    insert into tenant_overrides
                        (tenant_id, version, document, author, comment, changed_at)
                    select ?, (select coalesce(max(version), 0) + 1 from tenant_overrides), ?, ?, ?,
                        \(Self.now)
                    where ? = (select coalesce(max(version), 0) from tenant_overrides
                        where tenant_id = ?)
                    returning \(Self.overridesColumns)
                    """,
                arguments: [
                    change.tenant.name, change.document, change.author, change.comment,
                    change.expectedVersion, change.tenant.name,
                ]
            )
            return try row.map { try Self.overrides($0) }
        }
    }

    /// What ``overrides(_:)`` reads.
    private static let overridesColumns = """
        tenant_id, version, document, author, comment, changed_at
        """

    private static func overrides(_ row: Row) throws -> TenantOverridesRow {
        TenantOverridesRow(
            tenant: try tenant(row[0]),
            version: row[1],
            document: row[2],
            author: row[3],
            comment: row[4],
            changedAt: row[5]
        )
    }
}
