public import ClusterInterface
public import SchemaMigrations

/// What a database has been through.
public struct AppliedMigration: Sendable, Equatable {
    public var version: Int
    public var checksum: String

    public init(version: Int, checksum: String) {
        self.version = version
        self.checksum = checksum
    }
}

/// Compares what a database has been through with what this version ships.
public struct MigrationPlan: Sendable, Equatable {
    /// To be applied, in order; empty where the schema is the one needed.
    public var pending: [Migration]

    /// - Throws: ``StoreError/schemaMismatch(found:needed:)`` where the database is newer, and
    ///   ``StoreError/corrupt(_:)`` where it skipped a migration or had another text of one.
    public init(applied: [AppliedMigration], shipped: [Migration]) throws(StoreError) {
        for (index, record) in applied.sorted(by: { $0.version < $1.version }).enumerated() {
            guard record.version == index + 1 else {
                throw .corrupt("schema_migrations lacks version \(index + 1)")
            }
            guard index < shipped.count else {
                let newest = applied.map(\.version).max() ?? 0
                throw .schemaMismatch(found: newest, needed: shipped.count)
            }
            guard record.checksum == shipped[index].checksum else {
                throw .corrupt(
                    "schema_migrations says that migration \(record.version) had the checksum "
                        + "\(record.checksum), this version ships \(shipped[index].checksum)"
                )
            }
        }
        pending = Array(shipped.dropFirst(applied.count))
    }

    /// Refuses a schema that is not the one needed.
    ///
    /// - Throws: what ``init(applied:shipped:)`` throws, and ``StoreError/schemaMismatch(found:needed:)`` where
    ///   migrations are missing.
    public static func requireCurrent(
        applied: [AppliedMigration],
        shipped: [Migration]
    ) throws(StoreError) {
        let plan = try MigrationPlan(applied: applied, shipped: shipped)
        guard plan.pending.isEmpty else {
            throw .schemaMismatch(found: applied.count, needed: shipped.count)
        }
    }
}
