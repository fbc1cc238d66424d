import GRDB
import SchemaMigrations
import StorageSchema

extension EmbeddedStore {
    /// Applies one migration, in an exclusive transaction.
    ///
    /// - Returns: false where none was missing.
    static func applyNextMigration(_ database: Database) throws -> Bool {
        var wasApplied = false
        try database.inTransaction(.exclusive) {
            try database.execute(
                sql: """
                    create table if not exists schema_migrations (
                        version integer primary key not null,
                        name text not null,
                        checksum text not null,
                        applied_at integer not null
                    ) strict
                    """
            )
            let applied = try appliedMigrations(database)
            let plan = try MigrationPlan(applied: applied, shipped: SchemaMigrations.sqlite)
            guard let migration = plan.pending.first else { return .commit }
            try database.execute(sql: migration.sql)
            try database.execute(
                sql: """
                    insert into schema_migrations (version, name, checksum, applied_at)
                    values (?, ?, ?, \(now))
                    """,
                arguments: [migration.version, migration.name, migration.checksum]
            )
            wasApplied = true
            return .commit
        }
        return wasApplied
    }

    /// What the file has been through; nothing where it has no schema.
    static func appliedMigrations(_ database: Database) throws -> [AppliedMigration] {
        guard try database.tableExists("schema_migrations") else { return [] }
        let rows = try Row.fetchAll(
            database,
            sql: "select version, checksum from schema_migrations order by version"
        )
        return rows.map { AppliedMigration(version: $0[0], checksum: $0[1]) }
    }

    /// This machine's time in milliseconds since the Unix epoch, in SQL.
    static let now = "cast(round((julianday('now') - 2440587.5) * 86400000.0) as integer)"
}
