import ClusterInterface
import ClusterTransport
import Logging

/// Servers and clients of this process for one test; all have ended when the calls return.
enum Loopback {
    /// Settings under which a broken connection is noticed and made again quickly.
    static var settings: TransportSettings {
        var settings = TransportSettings()
        settings.writeTimeout = .seconds(20)
        settings.readTimeout = .seconds(20)
        settings.slowAfter = .seconds(20)
        settings.shortestReconnectDelay = .milliseconds(10)
        settings.longestReconnectDelay = .milliseconds(50)
        settings.drainTimeout = .seconds(20)
        return settings
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a server while the body runs, then kills it as a crash would.
    static func withServer(
        _ ingester: any IngesterClient,
        address: String = "127.0.0.1:0",
        settings: TransportSettings = settings,
        _ body: (_ server: IngesterServer, _ address: String) async throws -> Void
    ) async throws {
        let server = try IngesterServer(ingester: ingester, address: address, settings: settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await body(server, try await server.listeningAddress)
            group.cancelAll()
        }
    }

    /// Runs a client while the body runs.
    static func withClient(
        of address: String,
        settings: TransportSettings = settings,
        _ body: (RemoteIngesterClient) async throws -> Void
    ) async throws {
        let client = try RemoteIngesterClient(address: address, settings: settings, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            try await body(client)
            client.shutdown()
            try await group.waitForAll()
        }
    }

    /// Runs both.
    static func withPair(
        _ ingester: any IngesterClient,
        settings: TransportSettings = settings,
        _ body: (RemoteIngesterClient, IngesterServer) async throws -> Void
    ) async throws {
        try await withServer(ingester, settings: settings) { server, address in
            try await withClient(of: address, settings: settings) { client in
                try await body(client, server)
            }
        }
    }
}
