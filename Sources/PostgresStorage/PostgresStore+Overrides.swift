public import ClusterInterface
public import MetricsModel

extension PostgresStore {
    public func tenantOverrides(
        changedAfter version: Int64,
        limit: Int
    ) async throws -> [TenantOverridesRow] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants, readOnly: true) { connection throws(StoreError) in
                try Self.overrides(
                    connection.query(
                        """
                        select \(Self.overridesColumns) from tenant_overrides one
                        where version > $1 and not exists (select from tenant_overrides later
                            where later.tenant_id = one.tenant_id and later.version > one.version)
                        order by version limit $2
                        """,
                        [.integer(version), .integer(Int64(limit))]
                    )
                )
            }
        }
    }

    public func tenantOverrides(
        of tenant: TenantID,
        through version: Int64?,
        limit: Int
    ) async throws -> [TenantOverridesRow] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                try Self.overrides(
                    connection.query(
                        """
                        select \(Self.overridesColumns) from tenant_overrides
                        where tenant_id = $1 and version <= $2 order by version desc limit $3
                        """,
                        [.text(tenant.name), .integer(version ?? .max), .integer(Int64(limit))]
                    )
                )
            }
        }
    }

    public func write(_ change: TenantOverridesChange) async throws -> TenantOverridesRow? {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(change.tenant)) { connection throws(StoreError) in
                // One change at a time, of all tenants: a version that is committed after a higher one would be missed by
                // who has seen the higher.
                _ = try connection.query(
                    "select pg_advisory_xact_lock(hashtextextended('tenant_overrides', 0))",
                    []
                )
                return try Self.overrides(
                    connection.query(
                        """
                        insert into tenant_overrides (tenant_id, version, document, author, comment)
                        select $1, nextval('tenant_overrides_versions'), $2, $3, $4
                        where $5 = (select coalesce(max(version), 0) from tenant_overrides
                            where tenant_id = $1)
                        returning \(Self.overridesColumns)
                        """,
                        [
                            .text(change.tenant.name), .text(change.document),
                            .text(change.author), .text(change.comment),
                            .integer(change.expectedVersion),
                        ]
                    )
                ).first
            }
        }
    }

    /// What ``overrides(_:)`` reads.
    private static let overridesColumns = """
        tenant_id, version, document, author, comment,
        (extract(epoch from changed_at) * 1000)::bigint
        """

    private static func overrides(
        _ rows: borrowing PostgresResult
    ) throws(StoreError) -> [TenantOverridesRow] {
        var found: [TenantOverridesRow] = []
        for row in 0..<rows.rowCount {
            found.append(
                TenantOverridesRow(
                    tenant: try tenant(rows, row: row, column: 0),
                    version: try rows.integer(row: row, column: 1),
                    document: try rows.text(row: row, column: 2),
                    author: try rows.text(row: row, column: 3),
                    comment: try rows.text(row: row, column: 4),
                    changedAt: try rows.integer(row: row, column: 5)
                )
            )
        }
        return found
    }
}
