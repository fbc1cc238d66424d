import Foundation
import SchemaMigrations
import Testing

@Suite struct SchemaMigrationsTests {
    @Test func `versions count up from one in both dialects, and each file says why`() {
        for migrations in [SchemaMigrations.postgres, SchemaMigrations.sqlite] {
            #expect(migrations.map(\.version) == Array(1...migrations.count))
            for migration in migrations { #expect(migration.sql.hasPrefix("-- Why: ")) }
        }
        #expect(SchemaMigrations.postgres.map(\.name) == SchemaMigrations.sqlite.map(\.name))
    }

    @Test func `every migration file is embedded as it is`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../migrations").standardized
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasSuffix(".sql") {
            files[name] = try String(
                contentsOf: folder.appendingPathComponent(name),
                encoding: .utf8
            )
        }
        var embedded: [String: String] = [:]
        for (dialect, migrations) in [
            ("postgres", SchemaMigrations.postgres), ("sqlite", SchemaMigrations.sqlite),
        ] {
            for migration in migrations {
                let number = String(migration.version)
                let padded = String(repeating: "0", count: 4 - number.count) + number
                embedded["\(padded)_\(migration.name).\(dialect).sql"] = migration.sql
            }
        }
        #expect(embedded == files)
    }

    @Test func `a checksum is 64-bit FNV-1a`() {
        let checksums = SchemaMigrations.postgres.map(\.checksum)
        #expect(Set(checksums).count == checksums.count)
        #expect(checksums.allSatisfy { $0.count == 16 && UInt64($0, radix: 16) != nil })
    }
}
