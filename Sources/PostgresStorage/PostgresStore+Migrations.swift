import ClusterInterface
import SchemaMigrations
import StorageSchema

extension PostgresStore {
    /// The advisory lock of migrations; the bytes spell "engramig".
    private static let migrationLock: Int64 = 0x656E_6772_616D_6967

    /// Applies one migration, in the transaction that is open.
    ///
    /// - Returns: false where none was missing.
    static func applyNextMigration(_ connection: PostgresConnection) throws(StoreError) -> Bool {
        // Held until the transaction ends, so that it also works through a pooler.
        try connection.run("select pg_advisory_xact_lock(\(migrationLock))")
        try connection.run(
            """
            create table if not exists schema_migrations (
                version integer primary key,
                name text not null,
                checksum text not null,
                applied_at timestamptz not null default clock_timestamp()
            )
            """
        )
        let applied = try appliedMigrations(connection)
        let plan = try MigrationPlan(applied: applied, shipped: SchemaMigrations.postgres)
        guard let migration = plan.pending.first else { return false }
        try connection.run(migration.sql)
        _ = try connection.query(
            "insert into schema_migrations (version, name, checksum) values ($1, $2, $3)",
            [
                .integer(Int64(migration.version)), .text(migration.name),
                .text(migration.checksum),
            ]
        )
        return true
    }

    /// What the database has been through; nothing where it has no schema.
    static func appliedMigrations(
        _ connection: PostgresConnection
    ) throws(StoreError) -> [AppliedMigration] {
        let found = try connection.query(
            "select (to_regclass('schema_migrations') is not null)::int::bigint",
            []
        )
        guard try found.integer(row: 0, column: 0) == 1 else { return [] }
        let rows = try connection.query(
            "select version::bigint, checksum from schema_migrations order by version",
            []
        )
        var applied: [AppliedMigration] = []
        for row in 0..<rows.rowCount {
            applied.append(
                AppliedMigration(
                    version: Int(try rows.integer(row: row, column: 0)),
                    checksum: try rows.text(row: row, column: 1)
                )
            )
        }
        return applied
    }
}
