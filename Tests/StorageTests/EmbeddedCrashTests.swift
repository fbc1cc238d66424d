import ClusterInterface
import EmbeddedStorage
import Foundation
import GRDB
import MetricsModel
import Testing

/// A process that publishes blocks is killed; what it had been told is stored must be there.
@Suite struct EmbeddedCrashTests {
    /// Where the process that dies finds the folder of its file.
    private static let folderVariable = "CRASH_TEST_FOLDER"

    @Test(.timeLimit(.minutes(2)))
    func `kill -9 while blocks are published loses none that was acknowledged`() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-crash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        setenv(Self.folderVariable, folder.path, 1)
        defer { unsetenv(Self.folderVariable) }
        var before = 0
        for _ in 0..<4 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                try await EmbeddedCrashTests.publishUntilKilled()
            }
            let acknowledged = try Self.acknowledged(folder)
            #expect(acknowledged.count > before)
            before = acknowledged.count
            try await Self.check(folder, acknowledged)
        }
    }

    /// Several tasks publish until a thread kills the process, at a moment that differs each time.
    private static func publishUntilKilled() async throws {
        guard let folder = ProcessInfo.processInfo.environment[folderVariable] else { return }
        let store = try EmbeddedStore(path: folder + "/engram.db")
        try await store.migrate()
        let first = UInt64(try acknowledged(URL(fileURLWithPath: folder)).count) * 1000
        Thread.detachNewThread {
            usleep(UInt32.random(in: 300_000...900_000))
            kill(getpid(), SIGKILL)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 as Range<UInt64> {
                group.addTask {
                    let log = open(folder + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                    for round in 0..<UInt64.max {
                        let number = first + round * 4 + task
                        try await store.publish(block(number))
                        // One call, so that a line is whole or not there.
                        let line = Array("\(number)\n".utf8)
                        guard write(log, line, line.count) == line.count else { return }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func check(_ folder: URL, _ acknowledged: [UInt64]) async throws {
        let path = folder.appendingPathComponent("engram.db").path
        let store = try EmbeddedStore(path: path)
        let records = try await store.blocks(of: .anonymous, overlapping: .all)
        let found = Set(records.map(\.id.low))
        #expect(acknowledged.allSatisfy { found.contains($0) })
        // Those that were stored and not acknowledged yet are whole, too.
        for record in records {
            let body = try await store.read(record, ranges: [0..<record.size])
            #expect(body == [block(record.id.low).body], "block \(record.id.low)")
        }
        await store.close()
        let database = try DatabaseQueue(path: path)
        let integrity = try await database.read { database in
            try String.fetchOne(database, sql: "PRAGMA integrity_check")
        }
        #expect(integrity == "ok")
        // No slab without its block.
        let orphans = try await database.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    select count(*) from block_pages p where not exists (select 1 from blocks b
                        where b.tenant_id = p.tenant_id and b.block_id = p.block_id)
                    """
            )
        }
        #expect(orphans == 0)
        try database.close()
    }

    private static func acknowledged(_ folder: URL) throws -> [UInt64] {
        let file = folder.appendingPathComponent("acknowledged")
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .compactMap { UInt64($0) }
    }

    private static func block(_ number: UInt64) -> NewBlock {
        SampleBlocks.block(
            tenant: .anonymous,
            number: number,
            body: SampleBlocks.bytes(count: 50_000 + Int(number % 7) * 30_000, seed: number)
        )
    }
}
