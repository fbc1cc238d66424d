internal import ClusterInterface
internal import PromQL
internal import ServiceSupport

/// What operators run besides the server.
enum Subcommands {
    /// Brings the schema of the store up to date.
    static func migrate(_ arguments: [String]) async -> ExitCode {
        let configuration = ServiceMain.load(.engram, arguments)
        let telemetry = Telemetry(configuration)
        do {
            if case .sqlite = configuration.settings.store.url {
                try DataDirectory.create(configuration.settings, for: .engram)
            }
            let store = try Store(configuration.settings.store)
            try await store.prepare(migrating: true, logger: telemetry.logger)
            let version = try await store.schemaVersion()
            print("the schema of \(configuration.settings.store.url) has version \(version)")
            await store.close()
            return .success
        } catch {
            StandardError.write("engram migrate: \(error)\n")
            return .failure
        }
    }
}
