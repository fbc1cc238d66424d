import ClusterInterface
import ClusterTransport
import MetricsModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct BrokenConnectionTests {
    private let batch = WriteBatch.steady(tenant: .anonymous, rows: 5)

    @Test func `pending writes fail at once when the peer dies`() async throws {
        let server = try HangingServer()
        try await Loopback.withClient(of: try await server.start()) { client in
            let before = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await #expect {
                            try await client.write(batch)
                        } throws: { error in
                            guard case TransportError.disconnected = error else { return false }
                            return true
                        }
                    }
                }
                for _ in 0..<10 { await server.writeStarted.wait() }
                await server.kill()
            }
            // Far below the 20 s that a write may take.
            #expect(ContinuousClock.now - before < .seconds(10))
        }
    }

    @Test func `reads and writes fail while the peer is away and work when it is back`()
        async throws
    {
        let first = try HangingServer()
        let address = try await first.start()
        try await Loopback.withClient(of: address) { client in
            await first.kill()
            await #expect(throws: TransportError.self) { try await client.write(batch) }
            await #expect(throws: TransportError.self) {
                try await client.select(.everything(of: .anonymous))
            }
            while client.isReachable { try await Task.sleep(for: .milliseconds(5)) }
            try await Loopback.withServer(FakeIngester(), address: address) { _, _ in
                try await Self.untilAnswered { _ = try await client.write(batch) }
                #expect(client.isReachable)
                try await Self.untilAnswered {
                    _ = try await client.select(.everything(of: .anonymous))
                }
            }
        }
    }

    /// A server that drops a connection which is on its way to it takes the whole process down.
    @Test func `a server can be killed again and again while clients connect`() async throws {
        var settings = Loopback.settings
        settings.shortestReconnectDelay = .milliseconds(1)
        settings.longestReconnectDelay = .milliseconds(2)
        let first = try HangingServer()
        let address = try await first.start()
        await first.kill()
        let clients = try (0..<3).map { _ in
            try RemoteIngesterClient(address: address, settings: settings, logger: Loopback.logger)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { await client.run() } }
            for round in 0..<8 {
                try await Loopback.withServer(FakeIngester(), address: address) { _, _ in
                    // Not always after all have come: some are to be on their way.
                    try await Self.untilAnswered {
                        _ = try await clients[round % clients.count].write(batch)
                    }
                }
            }
            for client in clients { client.shutdown() }
            try await group.waitForAll()
        }
    }

    @Test func `nobody listening is an error at once`() async throws {
        let server = try HangingServer()
        let address = try await server.start()
        await server.kill()
        try await Loopback.withClient(of: address) { client in
            await #expect(throws: TransportError.self) { try await client.write(batch) }
            await #expect(throws: TransportError.self) {
                try await client.select(.everything(of: .anonymous))
            }
        }
    }

    @Test func `calls fail when their time has passed`() async throws {
        var settings = Loopback.settings
        settings.writeTimeout = .milliseconds(100)
        settings.readTimeout = .milliseconds(100)
        let ingester = FakeIngester(
            write: { _ in
                try await Task.sleep(for: .seconds(3600))
                return WriteAnswer()
            },
            select: { _ in
                try await Task.sleep(for: .seconds(3600))
                return []
            }
        )
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            let error = TransportError.timedOut(peer: client.address, after: .milliseconds(100))
            await #expect(throws: error) { try await client.write(batch) }
            await #expect(throws: error) {
                try await client.select(.everything(of: .anonymous))
            }
        }
    }

    @Test func `writes over the bound are refused at once and the others answered`() async throws {
        var settings = Loopback.settings
        settings.maximumPendingWrites = 3
        let gate = Gate()
        let started = Event()
        let ingester = FakeIngester(write: { _ in
            started.signal()
            await gate.wait()
            return WriteAnswer()
        })
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { _ = try await client.write(batch) } }
                for _ in 0..<3 { await started.wait() }
                await #expect(
                    throws: IngesterError.overloaded(
                        what: "unanswered writes to \(client.address)",
                        limit: 3
                    )
                ) { try await client.write(batch) }
                gate.open()
                try await group.waitForAll()
            }
            _ = try await client.write(batch)
        }
    }

    @Test func `a client that is not run any more refuses and leaves nobody waiting`() async throws
    {
        let server = try HangingServer()
        let client = try RemoteIngesterClient(
            address: try await server.start(),
            settings: Loopback.settings,
            logger: Loopback.logger
        )
        let running = Task { await client.run() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: TransportError.self) {
                    try await client.write(batch)
                }
            }
            await server.writeStarted.wait()
            running.cancel()
        }
        await running.value
        await #expect(throws: TransportError.stopped(peer: client.address)) {
            try await client.write(batch)
        }
        await #expect(throws: TransportError.stopped(peer: client.address)) {
            try await client.select(.everything(of: .anonymous))
        }
        await server.kill()
    }

    /// Repeats a call that fails as long as there is no connection, or one to a server that is about to stop; the suite's
    /// time limit bounds it.
    private static func untilAnswered(_ call: () async throws -> Void) async throws {
        while true {
            do {
                return try await call()
            } catch is TransportError {
                try await Task.sleep(for: .milliseconds(5))
            } catch IngesterError.notAcceptingWrites {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// A server whose writes never end, to be killed in the middle of a test.
private final class HangingServer: Sendable {
    let writeStarted = Event()
    private let server: IngesterServer
    private let killed = Event()
    private let ended = Event()

    init() throws {
        let writeStarted = writeStarted
        let ingester = FakeIngester(write: { _ in
            writeStarted.signal()
            try await Task.sleep(for: .seconds(3600))
            return WriteAnswer()
        })
        server = try IngesterServer(
            ingester: ingester,
            address: "127.0.0.1:0",
            settings: Loopback.settings
        )
    }

    /// Runs the server until ``kill()``.
    ///
    /// - Returns: its address.
    func start() async throws -> String {
        let server = server
        let killed = killed
        let ended = ended
        Task {
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                await killed.wait()
                group.cancelAll()
            }
            ended.signal()
        }
        return try await server.listeningAddress
    }

    /// Ends all connections, as a crash does, and returns when nobody listens any more.
    func kill() async {
        killed.signal()
        await ended.wait()
    }
}
