public import ClusterInterface
import Foundation
import GRDB
import MetricsModel
import SchemaMigrations
import StorageSchema
import Synchronization

/// Blocks and the ring in one SQLite file, for a single machine.
///
/// Every method throws ``StoreError``. A write has reached the disk when its call returns: the write-ahead log
/// is synced with each commit.
public final class EmbeddedStore: BlockMaintenance, RingStore, DistributorStore, LeaseStore,
    DeletionStore, HATrackerStore, OverridesStore
{
    private let database: SharedConnection<DatabasePool>
    private let catalog: CatalogReader
    /// The schema was found to be the one needed.
    private let isSchemaCurrent = Atomic(false)

    /// Opens the file, or makes an empty one, and its folder.
    public init(path: String, settings: EmbeddedSettings = EmbeddedSettings()) throws(StoreError) {
        do {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            database = SharedConnection(try Self.open(path: path, settings: settings))
            catalog = try CatalogReader(path: path, settings: settings)
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            throw .unavailable("\(path): \(error)")
        }
    }

    /// Applies the migrations that are missing, each in a transaction of its own.
    ///
    /// Several processes may do so at once: one works, the others wait and find it done.
    public func migrate() async throws {
        defer { catalog.noteCommit() }
        try await translated {
            try await database.get().writeWithoutTransaction { database in
                while try Self.applyNextMigration(database) {}
            }
        }
        isSchemaCurrent.store(true, ordering: .relaxed)
    }

    /// The newest migration that the file has been through; 0 for an empty one.
    public func schemaVersion() async throws -> Int {
        let applied = try await translated {
            try await database.get().read { try Self.appliedMigrations($0) }
        }
        return applied.map(\.version).max() ?? 0
    }

    /// Whether the file can be read and has the schema needed; throws where not.
    public func check() async throws {
        try await translated {
            try await database.get().read { try self.verifySchema($0) }
        }
    }

    /// Closes the file after what is being done; calls fail from now on.
    public func close() async {
        catalog.close()
        guard let database = database.take() else { return }
        // Waits for reads that are under way, which would keep the checkpoint from its end.
        _ = try? await database.barrierWriteWithoutTransaction { database in
            // The file alone is then whole: whoever copies it needs no write-ahead log beside it.
            try database.checkpoint(.truncate)
        }
    }

    /// Reads from one state of the file.
    func read<Value: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await translated {
            try await database.get().read { database in
                try self.requireSchema(database)
                return try work(database)
            }
        }
    }

    /// Catalog rows that overlap a range, from memory while the file has not changed.
    ///
    /// - Parameter read: Reads the rows of a range from the file, in their order.
    func catalogRows(
        of tenant: TenantID,
        overlapping range: TimeRange,
        _ read: @escaping @Sendable (Database, TimeRange) throws -> [BlockRecord]
    ) async throws -> [BlockRecord] {
        try await translated {
            if let known = try catalog.known(tenant, range) { return known }
            return try await catalog.read(
                tenant,
                range,
                check: { try self.requireSchema($0) },
                read
            )
        }
    }

    /// All deletions in force by tenant, from memory while the file has not changed.
    ///
    /// - Parameter read: Reads them from the file, by number.
    func latestDeletions(
        _ read: @escaping @Sendable (Database) throws -> [SeriesDeletion]
    ) async throws -> [TenantID: [SeriesDeletion]] {
        try await translated {
            try await catalog.latestDeletions(check: { try self.requireSchema($0) }, read)
        }
    }

    /// Writes in one transaction, undone where `work` throws.
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        // An error may come after the commit as well.
        defer { catalog.noteCommit() }
        return try await translated {
            try await database.get().write { database in
                try self.requireSchema(database)
                return try work(database)
            }
        }
    }

    private func requireSchema(_ database: Database) throws {
        if !isSchemaCurrent.load(ordering: .relaxed) { try verifySchema(database) }
    }

    private func verifySchema(_ database: Database) throws {
        let applied = try Self.appliedMigrations(database)
        try MigrationPlan.requireCurrent(applied: applied, shipped: SchemaMigrations.sqlite)
        isSchemaCurrent.store(true, ordering: .relaxed)
    }

    private func translated<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    private static func open(path: String, settings: EmbeddedSettings) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(settings.busyTimeout / .seconds(1))
        configuration.maximumReaderCount = max(1, settings.readerCount)
        configuration.label = "engram"
        // A new file can then give back what removed blocks leave; one that exists stays as it is.
        configuration.prepareDatabase { database in
            if !database.configuration.readonly {
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool has set NORMAL, which in WAL mode syncs at checkpoints only: the last commits are lost with the power.
        // The ingester drops its log's segments after the commit, so these would be samples that were acknowledged. FULL
        // syncs the write-ahead log at each commit, which there is one of for each block. EXTRA adds the sync of a
        // directory after a rollback journal is deleted, and WAL mode has none.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }
}
