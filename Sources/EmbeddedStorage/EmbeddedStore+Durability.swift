import GRDB

extension EmbeddedStore {
    /// SQLite's `journal_mode` and `synchronous` on the connection that writes.
    package func durability() async throws -> [String] {
        try await write { database in
            try ["journal_mode", "synchronous"].map { name in
                try String.fetchOne(database, sql: "PRAGMA \(name)") ?? ""
            }
        }
    }
}
