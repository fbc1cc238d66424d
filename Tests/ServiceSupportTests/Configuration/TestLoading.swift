import Foundation
import ServiceSupport
import Testing

/// A machine whose name and address never change.
let testHost = HostFacts(name: "host-1", address: "10.0.0.7")

/// Loads with a fixed machine.
func load(
    _ executable: Executable = .engram,
    _ arguments: [String] = [],
    environment: [String: String] = [:]
) throws(ConfigurationError) -> LoadedConfiguration {
    try Configuration.load(
        executable: executable,
        arguments: arguments,
        environment: environment,
        host: testHost
    )
}

/// Runs a body with a configuration file of the given text.
func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("engram-configuration-\(UUID().uuidString)").path
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// The refusal of a start, without the random part of a file's path.
func refusal(
    _ executable: Executable = .engram,
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    file: String? = nil
) throws -> (message: String, code: ExitCode) {
    func attempt(_ arguments: [String], hiding path: String?) throws -> (String, ExitCode) {
        do {
            _ = try load(executable, arguments, environment: environment)
        } catch {
            var message = error.description
            if let path { message = message.split(separator: path).joined(separator: "FILE") }
            return (message, error.exitCode)
        }
        Issue.record("the configuration was accepted")
        return ("", .success)
    }
    guard let file else { return try attempt(arguments, hiding: nil) }
    return try withFile(file) { try attempt(arguments + ["--config", $0], hiding: $0) }
}
