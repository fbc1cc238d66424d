import Foundation

/// A program that a test runs to its end.
public enum Command {
    /// What the program wrote to its standard output.
    ///
    /// - Throws: ``TestSupportError`` with what it wrote to its standard error, where it failed.
    @discardableResult
    public static func run(_ command: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        let errors = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-test-\(UUID().uuidString).err")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.runWithAllSignals()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let message = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw TestSupportError("\(command.joined(separator: " ")): \(message)")
        }
        return text
    }

    /// Where the program is, or nil where it is not installed.
    public static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
        return folders.map { $0 + "/" + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
