import ClusterInterface
import EmbeddedStorage
import Foundation
import GRDB
import MetricsModel
import SchemaMigrations
import Testing

@Suite struct EmbeddedStoreTests {
    private func withFile(_ body: (String) async throws -> Void) async throws {
        try await StoreKind.sqlite.withPlace { place in
            guard case .sqlite(let path) = place else { return }
            try await body(path)
        }
    }

    @Test func `a newer schema and a changed migration are refused`() async throws {
        try await withFile { path in
            let store = try EmbeddedStore(path: path)
            try await store.migrate()
            let database = try DatabaseQueue(path: path)
            let needed = SchemaMigrations.sqlite.count
            try await database.write { database in
                try database.execute(
                    sql: "insert into schema_migrations values (?, 'future', 'abc', 0)",
                    arguments: [needed + 1]
                )
            }
            let mismatch = StoreError.schemaMismatch(found: needed + 1, needed: needed)
            await #expect(throws: mismatch) { try await store.migrate() }
            await #expect(throws: mismatch) { try await store.check() }
            try await database.write { database in
                try database.execute(sql: "delete from schema_migrations where version > \(needed)")
                try database.execute(sql: "update schema_migrations set checksum = 'abc'")
            }
            let error = await #expect(throws: StoreError.self) { try await store.check() }
            guard case .corrupt? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            await store.close()
        }
    }

    @Test func `a file that is no database is refused`() async throws {
        try await withFile { path in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(repeating: 65, count: 5000).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: StoreError.self) { try EmbeddedStore(path: path) }
            guard case .corrupt? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a folder that cannot be made is an error`() {
        #expect(throws: StoreError.self) { try EmbeddedStore(path: "/dev/null/engram.db") }
    }

    @Test func `every commit is synced to the disk`() async throws {
        try await withFile { path in
            let store = try EmbeddedStore(path: path)
            try await store.migrate()
            #expect(try await store.durability() == ["wal", "2"])
            await store.close()
        }
    }

    @Test func `a store that is closed says so, and can be closed once more`() async throws {
        try await withFile { path in
            let store = try EmbeddedStore(path: path)
            try await store.migrate()
            await store.close()
            await store.close()
            await #expect(throws: StoreError.self) { try await store.maintain() }
            await #expect(throws: StoreError.self) {
                try await store.blocks(of: .anonymous, overlapping: .all)
            }
        }
    }
}
