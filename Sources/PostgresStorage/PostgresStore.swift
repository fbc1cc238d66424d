public import ClusterInterface
import MetricsModel
import SchemaMigrations
import StorageSchema
import Synchronization

/// Blocks and the ring in PostgreSQL, version 14 or later.
///
/// Each call is one transaction, or a few in a row. Nothing outlives a transaction on a connection: no
/// prepared statement, no session setting, no session lock. So a pooler in transaction mode may stand between.
///
/// Every method throws ``StoreError``; `CancellationError` where the task was cancelled while it waited for a
/// connection.
public final class PostgresStore: BlockMaintenance, RingStore, DistributorStore, LeaseStore,
    DeletionStore, HATrackerStore, OverridesStore
{
    let pool: PostgresPool
    let settings: PostgresSettings
    /// The schema was found to be the one needed.
    private let isSchemaCurrent = Atomic(false)
    let knownTokens = Mutex(KnownTokens())

    /// Makes no connection yet.
    ///
    /// - Parameter url: a libpq connection URI.
    public init(
        url: String,
        settings: PostgresSettings = PostgresSettings()
    ) throws(PostgresURLError) {
        guard PostgresConnection.isValid(url: url) else { throw PostgresURLError() }
        self.settings = settings
        pool = PostgresPool(url: url, settings: settings)
    }

    /// Applies the migrations that are missing, each in a transaction of its own.
    ///
    /// Several processes may do so at once: one works, the others wait and find it done.
    public func migrate() async throws {
        try await pool.run { worker throws(StoreError) in
            while try worker.transaction(.cluster, Self.applyNextMigration) {}
        }
        isSchemaCurrent.store(true, ordering: .relaxed)
    }

    /// The newest migration that the database has been through; 0 for an empty one.
    public func schemaVersion() async throws -> Int {
        let applied = try await pool.run { worker throws(StoreError) in
            try worker.transaction(.cluster, readOnly: true, Self.appliedMigrations)
        }
        return applied.map(\.version).max() ?? 0
    }

    /// Whether the database answers and has the schema needed; throws where not.
    public func check() async throws {
        try await pool.run { [self] worker throws(StoreError) in
            try verifySchema(worker)
        }
    }

    /// Ends the connections after what they are doing; calls fail from now on.
    public func close() async {
        await pool.close()
    }

    /// Runs `work` on a blocking thread, after the schema has been found right once.
    func withSchema<Value: Sendable>(
        _ work: @escaping @Sendable (PostgresWorker) throws(StoreError) -> Value
    ) async throws -> Value {
        try await pool.run { [self] worker throws(StoreError) in
            if !isSchemaCurrent.load(ordering: .relaxed) { try verifySchema(worker) }
            return try work(worker)
        }
    }

    private func verifySchema(_ worker: PostgresWorker) throws(StoreError) {
        let applied = try worker.transaction(
            .cluster,
            readOnly: true,
            Self.appliedMigrations
        )
        try MigrationPlan.requireCurrent(applied: applied, shipped: SchemaMigrations.postgres)
        isSchemaCurrent.store(true, ordering: .relaxed)
    }
}
