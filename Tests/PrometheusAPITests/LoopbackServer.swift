import ChunkCoding
import ClusterInterface
import Logging
import MetricsModel
import NIOCore
import NIOPosix
import PromQL
import Querying
import ServiceLifecycle

@testable import PrometheusAPI

/// The query API behind a real socket, over an ingester that holds up whatever asks for `slow`.
struct LoopbackServer {
    /// What the ingester saw.
    enum Event: Sendable {
        case asked
        case cancelled
    }

    /// The port of the running server.
    let port: Int
    private var events: AsyncStream<Event>.Iterator
    private let services: ServiceGroup

    /// Serves as long as the body runs.
    static func run(_ body: (inout LoopbackServer) async throws -> Void) async throws {
        let (events, eventSource) = AsyncStream.makeStream(of: Event.self)
        let (ports, portSource) = AsyncStream.makeStream(of: Int.self)
        let server = server(SlowIngester(events: eventSource)) { portSource.yield($0) }
        let services = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            defer { group.cancelAll() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { return }
            var loopback = LoopbackServer(
                port: port,
                events: events.makeAsyncIterator(),
                services: services
            )
            try await body(&loopback)
        }
    }

    /// Begins to stop the server: it takes no more connections.
    func stop() async { await services.triggerGracefulShutdown() }

    /// What the ingester sees next.
    mutating func nextEvent() async -> Event? { await events.next(isolation: #isolation) }

    /// Runs the body with a connection, and closes it then.
    func connect(
        _ body: (inout LoopbackConnection) async throws -> Void
    ) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var connection = LoopbackConnection(
                inbound: inbound.makeAsyncIterator(),
                outbound: outbound
            )
            try await body(&connection)
        }
    }

    /// The end of a test is a cancellation, which the framework calls an error.
    private static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    private static func server(
        _ ingester: SlowIngester,
        onListening: @escaping @Sendable (Int) -> Void
    ) -> HTTPServer {
        var parts = HTTPServer.Parts(
            operations: OperationsAPI(
                title: "A test",
                links: [],
                sources: .init(
                    metrics: { "" },
                    readiness: { (true, "") },
                    configuration: { "" },
                    overrides: { _ in "" }
                )
            )
        )
        parts.query = QueryAPI(
            querier: Querier(
                settings: QueryingSettings(),
                directory: ingester,
                store: MemoryStore(),
                workers: InlineWorkers()
            ),
            authentication: .none(.anonymous),
            limits: LimitsTable(),
            version: "1",
            workers: InlineWorkers(),
            now: { TestNode.now }
        )
        return HTTPServer(
            parts: parts,
            host: "127.0.0.1",
            port: 0,
            logger: logger,
            onListening: onListening
        )
    }
}

/// A client's connection, as bytes.
struct LoopbackConnection {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Sends no more, and still listens.
    func finishSending() { outbound.finish() }

    /// All that arrives until the text has come so many times, or the connection ends.
    mutating func receive(until text: String, times count: Int = 1) async throws -> String {
        var received = ""
        while received.ranges(of: text).count < count,
            let part = try await inbound.next(isolation: #isolation)
        {
            received += String(buffer: part)
        }
        return received
    }
}

/// Has no series, and answers questions for the metric `slow` only when they are cancelled.
private struct SlowIngester: IngesterClient, IngesterDirectory {
    let events: AsyncStream<LoopbackServer.Event>.Continuation

    func readers() -> ReadSet { ReadSet(only: "slow", client: self) }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        throw IngesterError.notAcceptingWrites(state: "a test")
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        await hold(request)
        return []
    }

    func series(_ request: SelectRequest) async throws -> [Labels] {
        await hold(request)
        return []
    }

    func labelNames(_ request: SelectRequest) async throws -> [String] {
        await hold(request)
        return []
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        await hold(request)
        return []
    }

    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        await hold(request)
        return []
    }

    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { [] }

    private func hold(_ request: SelectRequest) async {
        guard request.matchers.contains(where: { $0.value == "slow" }) else { return }
        events.yield(.asked)
        // Nothing is ever sent: only the task's cancellation ends the stream.
        let (silence, source) = AsyncStream.makeStream(of: Void.self)
        for await _ in silence {}
        source.finish()
        events.yield(.cancelled)
    }
}
