public import ClusterInterface
internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import NIOCore

/// The network's end of an ingester: answers the calls of ``RemoteIngesterClient``.
public final class IngesterServer: Sendable {
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let settings: TransportSettings
    private let life = ServerLife()
    private let connections = OpenConnections()

    /// - Parameters:
    ///   - ingester: Who does the work.
    ///   - address: `host:port`; the host an address of this machine, or empty for all; port 0 for a free one.
    /// - Throws: ``TransportError/invalidAddress(_:)``, ``TransportError/unprotected(peer:)``.
    public init(
        ingester: any IngesterClient,
        address: String,
        settings: TransportSettings = .init()
    ) throws(TransportError) {
        self.settings = settings
        let connections = connections
        let listening = try PeerAddress(address)
        try settings.security.check(listening, address)
        let transport = HTTP2ServerTransport.Posix(
            address: try listening.listeningAddress(),
            // TLS is put below it, of what is in force when a connection comes.
            transportSecurity: .plaintext,
            config: .defaults { config in
                config.http2.maxFrameSize = TransportSettings.frameSize
                config.http2.targetWindowSize = TransportSettings.windowSize
                config.http2.maxConcurrentStreams = settings.maximumConcurrentCalls
                config.channelDebuggingCallbacks.onBindTCPListener = connections.addListener
                config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
                    connections.addConnection(channel).flatMap {
                        settings.security.protectAccepted(channel)
                    }
                }
                config.rpc.maxRequestPayloadSize = settings.maximumMessageSize
                config.connection.keepalive = .init(
                    time: settings.keepaliveTime,
                    timeout: settings.keepaliveTime / 2,
                    clientBehavior: .init(
                        minPingIntervalWithoutCalls: settings.keepaliveTime / 2,
                        allowWithoutCalls: true
                    )
                )
            }
        )
        let service = IngesterService(ingester: ingester, settings: settings, life: life)
        server = GRPCServer(transport: transport, services: [service])
    }

    /// The address that it listens on, once it does.
    ///
    /// - Throws: where it cannot listen, or has stopped.
    public var listeningAddress: String {
        get async throws {
            let address = try await server.transport.listeningAddress
            if let address = address.ipv4 { return "\(address.host):\(address.port)" }
            if let address = address.ipv6 { return "[\(address.host)]:\(address.port)" }
            return "\(address)"
        }
    }

    /// Serves until ``beginGracefulShutdown()`` has been called and the calls that ran are answered.
    ///
    /// Cancelling the task ends all calls at once.
    /// - Throws: where it cannot listen.
    public func run() async throws {
        // A task of its own, so that cancellation does not reach it: see ``OpenConnections``.
        let serving = Task {
            defer { life.draining.set() }
            try await server.serve()
        }
        await withTaskCancellationHandler {
            await life.draining.wait()
            await connections.stopAccepting()
            server.beginGracefulShutdown()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await serving.result }
                group.addTask {
                    try? await Task.sleep(for: self.settings.drainTimeout)
                    // Cancelled where all calls have ended, and where none is to be waited for.
                    self.abort()
                }
                await group.next()
                group.cancelAll()
            }
        } onCancel: {
            life.draining.set()
        }
        do {
            try await serving.value
        } catch let error as RuntimeError where error.code == .serverIsStopped {
            // Stopped before it had begun.
        }
    }

    /// Takes no more calls, tells clients to send no more writes, and lets what runs finish within the
    /// drain timeout.
    public func beginGracefulShutdown() { life.draining.set() }

    private func abort() {
        life.aborted.set()
        connections.closeAll()
    }
}
