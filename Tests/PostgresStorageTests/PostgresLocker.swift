import Foundation
import TestSupport

/// A session that holds a table's lock until it is told to let go.
final class PostgresLocker {
    private let psql: Process
    private let input = Pipe()
    private let output = Pipe()

    init(url: String) throws {
        psql = Process()
        psql.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        psql.arguments = ["psql", "-X", "-q", "-A", "-t", "-d", url]
        psql.currentDirectoryURL = URL(fileURLWithPath: "/")
        psql.standardInput = input
        psql.standardOutput = output
        try psql.run()
    }

    /// Returns once the lock is held.
    func lock(_ table: String) throws {
        let sql = "begin; lock table \(table) in exclusive mode;\n\\echo locked\n"
        try input.fileHandleForWriting.write(contentsOf: Data(sql.utf8))
        guard !output.fileHandleForReading.availableData.isEmpty else {
            throw TestSupportError("the lock was not granted")
        }
    }

    /// Returns once the session has ended.
    func unlock() {
        try? input.fileHandleForWriting.close()
        psql.waitUntilExit()
    }
}
