import ClusterInterface
import ClusterTransport
import MetricsModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct ShutdownTests {
    private let batch = WriteBatch.steady(tenant: .anonymous, rows: 5)

    @Test func `a server that stops answers the writes and reads that run`() async throws {
        let writing = Event()
        let reading = Event()
        let gate = Gate()
        let ingester = FakeIngester(
            write: { _ in
                writing.signal()
                await gate.wait()
                return WriteAnswer(unknownRows: [7])
            },
            select: { _ in
                reading.signal()
                await gate.wait()
                return [.numbered(1)]
            }
        )
        let server = try IngesterServer(
            ingester: ingester,
            address: "127.0.0.1:0",
            settings: Loopback.settings
        )
        try await withThrowingTaskGroup(of: Void.self) { servers in
            servers.addTask { try await server.run() }
            try await Loopback.withClient(of: try await server.listeningAddress) { client in
                let answer = Task { try await client.write(batch) }
                let series = Task { try await client.select(.everything(of: .anonymous)) }
                await writing.wait()
                await reading.wait()
                server.beginGracefulShutdown()
                while client.isReachable { try await Task.sleep(for: .milliseconds(1)) }
                await #expect(throws: IngesterError.notAcceptingWrites(state: "leaving")) {
                    try await client.write(batch)
                }
                gate.open()
                try await #expect(answer.value.unknownRows == [7])
                try await #expect(series.value == [.numbered(1)])
                // The server ends while the client is still there and would like to write.
                try await servers.waitForAll()
                await #expect(throws: (any Error).self) { try await client.write(batch) }
            }
        }
    }

    @Test func `a server that stops does not wait for ever`() async throws {
        var settings = Loopback.settings
        settings.drainTimeout = .milliseconds(100)
        let writing = Event()
        let ingester = FakeIngester(write: { _ in
            writing.signal()
            try await Task.sleep(for: .seconds(3600))
            return WriteAnswer()
        })
        let server = try IngesterServer(
            ingester: ingester,
            address: "127.0.0.1:0",
            settings: settings
        )
        try await withThrowingTaskGroup(of: Void.self) { servers in
            servers.addTask { try await server.run() }
            try await Loopback.withClient(of: try await server.listeningAddress) { client in
                let answer = Task { try await client.write(batch) }
                await writing.wait()
                server.beginGracefulShutdown()
                try await servers.waitForAll()
                await #expect(throws: TransportError.self) { try await answer.value }
            }
        }
    }

    @Test func `a client that stops waits for the answers that are due`() async throws {
        let writing = Event()
        let gate = Gate()
        let ingester = FakeIngester(write: { _ in
            writing.signal()
            await gate.wait()
            return WriteAnswer(unknownRows: [7])
        })
        try await Loopback.withPair(ingester) { client, _ in
            let answer = Task { try await client.write(batch) }
            await writing.wait()
            client.shutdown()
            await #expect(throws: TransportError.stopped(peer: client.address)) {
                try await client.write(batch)
            }
            gate.open()
            try await #expect(answer.value.unknownRows == [7])
        }
    }

    @Test func `a server that cannot listen says so`() async throws {
        try await Loopback.withServer(FakeIngester()) { _, address in
            let second = try IngesterServer(ingester: FakeIngester(), address: address)
            await #expect(throws: (any Error).self) { try await second.run() }
            await #expect(throws: (any Error).self) { try await second.listeningAddress }
        }
    }
}
