import ClusterInterface
import ClusterTransport
import MetricsModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct IngesterClientPoolTests {
    private let batch = WriteBatch.steady(tenant: .anonymous, rows: 1)

    @Test func `clients are made when asked for, shared, and closed when their address leaves`()
        async throws
    {
        let answers = FakeIngester(write: { _ in WriteAnswer(unknownRows: [1]) })
        try await Loopback.withServer(answers) { _, first in
            try await Loopback.withServer(FakeIngester()) { _, second in
                try await withPool { pool in
                    let client = try pool.client(for: first)
                    #expect(client === (try pool.client(for: first)))
                    let other = try pool.client(for: second)
                    try await #expect(client.write(batch).unknownRows == [1])
                    try await #expect(other.write(batch).unknownRows == [])

                    pool.retain(only: [second])
                    await #expect(throws: TransportError.stopped(peer: first)) {
                        try await client.write(batch)
                    }
                    try await #expect(other.write(batch).unknownRows == [])

                    let again = try pool.client(for: first)
                    #expect(again !== client)
                    try await #expect(again.write(batch).unknownRows == [1])
                }
            }
        }
    }

    @Test func `an address that is none is refused`() async throws {
        try await withPool { pool in
            #expect(throws: TransportError.invalidAddress("nonsense")) {
                try pool.client(for: "nonsense")
            }
        }
    }

    @Test func `a pool that has been stopped makes no clients`() async throws {
        let pool = IngesterClientPool(settings: Loopback.settings, logger: Loopback.logger)
        pool.shutdown()
        await pool.run()
        #expect(throws: TransportError.stopped(peer: "127.0.0.1:1")) {
            try pool.client(for: "127.0.0.1:1")
        }
    }

    private func withPool(_ body: (IngesterClientPool) async throws -> Void) async throws {
        let pool = IngesterClientPool(settings: Loopback.settings, logger: Loopback.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            try await body(pool)
            pool.shutdown()
            try await group.waitForAll()
        }
    }
}
