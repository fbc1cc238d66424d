import MetricsModel
import PostgresStorage
import TestSupport
import Testing

/// A fresh database with the schema, and how tests look into it past the store.
struct TestDatabase {
    let url: String
    let postgres: ThrowawayPostgres

    static let isMissing = ThrowawayPostgres.unavailableReason != nil

    static var skipReason: Comment {
        "\(ThrowawayPostgres.unavailableReason ?? "PostgreSQL is there")"
    }

    /// Runs `body` with a store of its own, and closes that.
    static func withStore(
        settings: PostgresSettings = PostgresSettings(),
        _ body: (TestDatabase, PostgresStore) async throws -> Void
    ) async throws {
        let postgres = try ThrowawayPostgres.shared.get()
        let database = TestDatabase(url: try postgres.freshDatabase(), postgres: postgres)
        let store = try PostgresStore(url: database.url, settings: settings)
        do {
            try await store.migrate()
            try await body(database, store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Rows as the store's role sees them.
    @discardableResult
    func query(_ sql: String) throws -> String { try postgres.query(sql, url: url) }
}
