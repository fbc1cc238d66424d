internal import ClusterInterface
internal import EmbeddedStorage
internal import Logging
internal import PostgresStorage
internal import ServiceLifecycle
internal import ServiceSupport

/// The store that the configuration names.
struct Store: Sendable {
    /// What both kinds can do.
    typealias Kind = BlockMaintenance & BlockCatalog & RingStore & DistributorStore
        & LeaseStore & DeletionStore & HATrackerStore & OverridesStore

    let kind: any Kind
    private let migrateSchema: @Sendable () async throws -> Void
    let check: @Sendable () async throws -> Void
    let close: @Sendable () async -> Void
    let schemaVersion: @Sendable () async throws -> Int

    /// - Parameter isAlone: Whether this process is the only one that stores samples: then what commands change is seen a moment
    ///   later.
    init(_ settings: StoreSettings, isAlone: Bool = false) throws {
        switch settings.url {
        case .sqlite(let path):
            var embedded = EmbeddedSettings()
            embedded.readerCount = settings.poolSize
            if isAlone { embedded.foreignChangesWithin = .milliseconds(100) }
            let store = try EmbeddedStore(path: path, settings: embedded)
            kind = store
            migrateSchema = { try await store.migrate() }
            check = { try await store.check() }
            close = { await store.close() }
            schemaVersion = { try await store.schemaVersion() }
        case .postgres(let uri):
            var pool = PostgresSettings()
            pool.connectionCount = settings.poolSize
            let store = try PostgresStore(url: uri, settings: pool)
            kind = store
            migrateSchema = { try await store.migrate() }
            check = { try await store.check() }
            close = { await store.close() }
            schemaVersion = { try await store.schemaVersion() }
        }
    }

    /// Brings the schema up to date, or checks that it is.
    ///
    /// A database that does not answer is waited for: in a cluster everything starts at once.
    func prepare(migrating: Bool, logger: Logger) async throws {
        var wait = Duration.milliseconds(200)
        while true {
            do {
                if migrating { try await migrateSchema() } else { try await check() }
                return
            } catch StoreError.unavailable(let cause) {
                logger.warning("waiting for the store", metadata: ["error": "\(cause)"])
                try await Task.sleep(for: wait)
                wait = min(wait * 2, .seconds(5))
            }
        }
    }
}

/// Makes the schema ready as soon as the database answers, while the process does already what it can without.
struct StoreService: Service {
    let store: Store
    let migrating: Bool
    /// Called once the schema is ready, and before the process is.
    let onPrepared: @Sendable () async -> Void
    let readiness: Readiness
    let logger: Logger

    static let condition = "store"

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await store.prepare(migrating: migrating, logger: logger)
                await onPrepared()
                readiness.set(Self.condition, .ready)
            } catch is CancellationError {
                return
            }
        }
        try await gracefulShutdown()
    }
}
