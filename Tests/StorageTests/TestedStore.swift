import ClusterInterface
import EmbeddedStorage
import Foundation
import PostgresStorage
import TestSupport
import Testing

/// What both stores offer; the contract suites know nothing else.
protocol TestedStore: BlockMaintenance, BlockCatalog, RingStore, DistributorStore, LeaseStore,
    DeletionStore, HATrackerStore, OverridesStore
{
    func migrate() async throws
    func schemaVersion() async throws -> Int
    func check() async throws
    func close() async
}

extension PostgresStore: TestedStore {}
extension EmbeddedStore: TestedStore {}

/// A store that the contract holds for.
enum StoreKind: String, Sendable, CustomTestStringConvertible {
    case sqlite
    case postgres
    /// PostgreSQL behind a pooler in transaction mode, which gives each transaction any of two connections.
    case pgbouncer

    /// Those that can run here.
    ///
    /// Without PostgreSQL, `PostgresStorageTests` says why it is skipped.
    static let available: [StoreKind] =
        [.sqlite] + (ThrowawayPostgres.unavailableReason == nil ? [.postgres] : [])
        + (ThrowawayPgBouncer.unavailableReason == nil ? [.pgbouncer] : [])

    /// One pooler for all databases of the server that tests share.
    private static let bouncer = Result {
        try ThrowawayPgBouncer(databaseURL: ThrowawayPostgres.shared.get().freshDatabase())
    }

    var testDescription: String { rawValue }

    /// Runs `body` with a place for a store, of which it may open several, and removes the place.
    func withPlace(_ body: (StorePlace) async throws -> Void) async throws {
        switch self {
        case .postgres:
            try await body(.postgres(url: try ThrowawayPostgres.shared.get().freshDatabase()))
        case .pgbouncer:
            let url = try ThrowawayPostgres.shared.get().freshDatabase()
            try await body(.postgres(url: try Self.bouncer.get().url(insteadOf: url)))
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("engram-store-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let path = folder.appendingPathComponent("engram.db").path
            try await body(.sqlite(path: path))
        }
    }

    /// Runs `body` with a store that has its schema, and closes it.
    func withStore(_ body: (any TestedStore) async throws -> Void) async throws {
        try await withPlace { place in
            let store = try place.open()
            do {
                try await store.migrate()
                try await body(store)
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }
}

/// Where a store's data are.
enum StorePlace: Sendable {
    case postgres(url: String)
    case sqlite(path: String)

    func open() throws -> any TestedStore {
        switch self {
        case .postgres(let url):
            var settings = PostgresSettings()
            settings.connectionCount = 2
            return try PostgresStore(url: url, settings: settings)
        case .sqlite(let path): return try EmbeddedStore(path: path)
        }
    }
}
