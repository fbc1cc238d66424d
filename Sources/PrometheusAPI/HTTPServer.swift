internal import Glibc
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle
internal import Synchronization

/// One HTTP server with the parts that a process serves.
public final class HTTPServer: Service {
    /// What can be served.
    public struct Parts: Sendable {
        public var operations: OperationsAPI
        public var push: PushAPI?
        public var query: QueryAPI?
        public var catalog: CatalogAPI?
        public var ingester: IngesterAPI?
        public var ring: RingAPI?
        public var limits: LimitsAPI?
        public var overrides: OverridesAPI?
        public var discards: DiscardsAPI?
        public var deletions: DeletionAPI?
        public var compactor: CompactorAPI?
        public var haTracker: HATrackerAPI?

        public init(operations: OperationsAPI) { self.operations = operations }
    }

    private let parts: Parts
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameter onListening: Called with the port once connections are taken; of use where `port` is 0.
    public init(
        parts: Parts,
        host: String,
        port: Int,
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.parts = parts
        self.host = host
        self.port = port
        self.logger = logger
        self.onListening = onListening
    }

    public func run() async throws {
        do {
            try await serve()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw ListenError(address: "\(host):\(port)", cause: "the address is in use")
        } catch let error as IOError {
            throw ListenError(address: "\(host):\(port)", cause: "\(error)")
        }
    }

    /// A connection that is silent for so long is closed, in the middle of a request too.
    private static let idleTimeout = TimeAmount.seconds(120)

    /// What the header `Server` says.
    private static let name = "engram"

    private func serve() async throws {
        let onListening = onListening
        let routes = router().buildResponder()
        let application = Application(
            responder: routes,
            server: HTTPServerBuilder { responder in
                WatchedConnections(
                    HTTP1Channel(
                        responder: responder,
                        configuration: .init(idleTimeout: Self.idleTimeout)
                    ),
                    responder: routes,
                    serverName: Self.name
                )
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                serverName: Self.name
            ),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            logger: quiet
        )
        try await application.run()
    }

    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        parts.operations.addRoutes(to: router)
        parts.push?.addRoutes(to: router)
        parts.query?.addRoutes(to: router)
        parts.catalog?.addRoutes(to: router)
        parts.ingester?.addRoutes(to: router)
        parts.ring?.addRoutes(to: router)
        parts.limits?.addRoutes(to: router)
        parts.overrides?.addRoutes(to: router)
        parts.discards?.addRoutes(to: router)
        parts.deletions?.addRoutes(to: router)
        parts.compactor?.addRoutes(to: router)
        parts.haTracker?.addRoutes(to: router)
        return router
    }

    /// The framework logs each start and stop of its own; only what is wrong is of interest to operators.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

/// The server cannot take its address.
struct ListenError: Error, CustomStringConvertible {
    let address: String
    let cause: String

    var description: String { "cannot listen on \(address) (http.listen): \(cause)" }
}
