import ChunkCoding
import ClusterInterface
import ClusterTransport
import MetricsModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
    @Test func `a cancelled read ends the server's work`() async throws {
        let started = Event()
        let cancelled = Event()
        let ingester = FakeIngester(select: { _ in
            started.signal()
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                cancelled.signal()
                throw error
            }
            return []
        })
        try await Loopback.withPair(ingester) { client, _ in
            let read = Task { try await client.select(.everything(of: .anonymous)) }
            await started.wait()
            read.cancel()
            await #expect(throws: CancellationError.self) { try await read.value }
            await cancelled.wait()
        }
    }

    @Test func `a read that is cancelled while its answer comes ends`() async throws {
        // Far more than windows and buffers of both ends hold.
        let series = SelectedSeries(
            labels: ["a": "b"],
            chunks: [
                .init(minTime: 0, maxTime: 1, count: 2, bytes: [UInt8](repeating: 7, count: 60_000))
            ]
        )
        let answer = [SelectedSeries](repeating: series, count: 2000)
        let started = Event()
        let ingester = FakeIngester(select: { _ in
            started.signal()
            return answer
        })
        try await Loopback.withPair(ingester) { client, _ in
            let read = Task { try await client.select(.everything(of: .anonymous)) }
            await started.wait()
            read.cancel()
            await #expect(throws: CancellationError.self) { try await read.value }
        }
    }

    @Test func `a cancelled write ends at once and others on the stream go on`() async throws {
        let started = Event()
        let gate = Gate()
        let ingester = FakeIngester(write: { batch in
            if batch.rowCount == 1 {
                started.signal()
                await gate.wait()
            }
            return WriteAnswer()
        })
        try await Loopback.withPair(ingester) { client, _ in
            let write = Task { try await client.write(.steady(tenant: .anonymous, rows: 1)) }
            await started.wait()
            write.cancel()
            await #expect(throws: CancellationError.self) { try await write.value }
            _ = try await client.write(.steady(tenant: .anonymous, rows: 2))
            gate.open()
        }
    }

    @Test func `the server's writes end when their client has gone`() async throws {
        let started = Event()
        let cancelled = Event()
        let ingester = FakeIngester(write: { _ in
            started.signal()
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                cancelled.signal()
                throw error
            }
            return WriteAnswer()
        })
        try await Loopback.withServer(ingester) { _, address in
            let client = try RemoteIngesterClient(
                address: address,
                settings: Loopback.settings,
                logger: Loopback.logger
            )
            let running = Task { await client.run() }
            let answer = Task { try await client.write(.steady(tenant: .anonymous, rows: 1)) }
            await started.wait()
            running.cancel()
            await cancelled.wait()
            await #expect(throws: TransportError.self) { try await answer.value }
        }
    }
}
