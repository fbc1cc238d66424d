import ClusterInterface
import ClusterTransport
import MetricsModel
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RoundTripTests {
    @Test func `a batch arrives as it was sent and so does its answer`() async throws {
        var generator = SeededGenerator(seed: 1)
        let batch = try WriteBatch.random(
            rows: 300,
            samplesPerRow: 0...3,
            keys: true,
            span: 0...90_000,
            using: &generator
        )
        let answer = WriteAnswer(
            unknownRows: [1, 5],
            refusals: [.init(row: 2, sample: 3, reason: .outOfOrder)]
        )
        let received = Mutex<WriteBatch?>(nil)
        let ingester = FakeIngester(write: { batch in
            received.withLock { $0 = batch }
            return answer
        })
        try await Loopback.withPair(ingester) { client, _ in
            try await #expect(client.write(batch) == answer)
        }
        let arrived = try #require(received.withLock { $0 })
        #expect(arrived.hasSameBits(as: batch))
    }

    @Test func `reads arrive as they were asked and answered`() async throws {
        let request = SelectRequest(
            tenant: try TenantID("team-a"),
            matchers: [try LabelMatcher(name: "a", operation: .matches, value: "x|y")],
            range: TimeRange(start: 5, end: 9)
        )
        let series = (0..<30).map { SelectedSeries.numbered($0) }.sorted { $0.labels < $1.labels }
        let ingester = FakeIngester(select: { received in
            #expect(received == request)
            return series
        })
        try await Loopback.withPair(ingester) { client, _ in
            try await #expect(client.select(request) == series)
            try await #expect(client.series(request) == series.map(\.labels))
            try await #expect(client.labelNames(request) == ["__name__", "instance", "series"])
            try await #expect(
                client.labelValues("instance", request) == ["host-0", "host-1", "host-2"]
            )
            try await #expect(
                client.countedSeries(request) == ingester.countedSeries(request)
            )
        }
    }

    @Test func `since when all is in memory arrives, and so does a refusal to say`() async throws {
        let other = try TenantID("other")
        try await Loopback.withPair(FakeIngester()) { client, _ in
            for departure in [Int64.min, -1, 1_700_000_000_000, .max] {
                let expected = departure < .max ? departure + 1 : .max
                try await #expect(
                    client.wholeSince(.anonymous, departure: departure) == expected
                )
            }
            await #expect(throws: IngesterError.notAcceptingReads(state: "JOINING")) {
                try await client.wholeSince(other, departure: 0)
            }
        }
    }

    @Test func `an empty answer is an answer`() async throws {
        try await Loopback.withPair(FakeIngester()) { client, _ in
            let request = SelectRequest.everything(of: .anonymous)
            try await #expect(client.select(request).isEmpty)
            try await #expect(client.labelNames(request).isEmpty)
            try await #expect(client.write(WriteBatch(tenant: .anonymous)) == WriteAnswer())
        }
    }

    static let errors: [IngesterError] = [
        .notAcceptingWrites(state: "LEAVING"), .notAcceptingReads(state: "JOINING"),
        .storageFailed("disk full"), .overloaded(what: "bytes", limit: 7),
        .invalidRequest("größe: nonsense"),
    ]

    @Test(arguments: errors)
    func `an ingester's error arrives as it is`(error: IngesterError) async throws {
        let ingester = FakeIngester(write: { _ in throw error }, select: { _ in throw error })
        try await Loopback.withPair(ingester) { client, _ in
            await #expect(throws: error) {
                try await client.write(.steady(tenant: .anonymous, rows: 1))
            }
            await #expect(throws: error) {
                try await client.select(.everything(of: .anonymous))
            }
        }
    }

    @Test func `any other error says that the peer failed`() async throws {
        struct Unexpected: Error {}
        let ingester = FakeIngester(
            write: { _ in throw Unexpected() },
            select: { _ in throw Unexpected() }
        )
        try await Loopback.withPair(ingester) { client, _ in
            let error = TransportError.peerFailed(peer: client.address, cause: "Unexpected()")
            await #expect(throws: error) {
                try await client.write(.steady(tenant: .anonymous, rows: 1))
            }
            await #expect(throws: error) {
                try await client.select(.everything(of: .anonymous))
            }
        }
    }

    @Test func `a thousand writes at once are each answered with their own answer`() async throws {
        let ingester = FakeIngester(write: { batch in
            // Answers come back in another order than the batches.
            let number = UInt32(batch.timestamps[0])
            for _ in 0..<(number % 7) { await Task.yield() }
            return WriteAnswer(unknownRows: [number])
        })
        var settings = Loopback.settings
        settings.maximumPendingWrites = 1000
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...1000 {
                    group.addTask {
                        let answer = try await client.write(
                            .steady(tenant: .anonymous, rows: 20, time: Int64(number))
                        )
                        #expect(answer.unknownRows == [UInt32(number)])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a stream works on no more writes than it may and on several`() async throws {
        var settings = Loopback.settings
        settings.maximumConcurrentWrites = 4
        let full = Event()
        let release = Gate()
        let started = Mutex(0)
        let ingester = FakeIngester(write: { _ in
            let count = started.withLock { count in
                count += 1
                return count
            }
            if count == 4 { full.signal() }
            await release.wait()
            return WriteAnswer()
        })
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        _ = try await client.write(.steady(tenant: .anonymous, rows: 10))
                    }
                }
                await full.wait()
                release.open()
                try await group.waitForAll()
            }
        }
        #expect(ingester.mostConcurrentWrites == 4)
    }

    @Test func `twenty thousand series arrive complete and in order`() async throws {
        let series = (0..<20_000).map { SelectedSeries.numbered($0, chunks: 1) }
        let ingester = FakeIngester(select: { _ in series })
        var settings = Loopback.settings
        settings.pieceSize = 64 << 10
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            let request = SelectRequest.everything(of: .anonymous)
            let answer = try await client.select(request)
            #expect(answer.count == series.count)
            #expect(answer == series)
        }
    }

    @Test func `an answer larger than the limit is refused`() async throws {
        let series = (0..<2000).map { SelectedSeries.numbered($0) }
        let ingester = FakeIngester(select: { _ in series })
        var settings = Loopback.settings
        settings.pieceSize = 10_000
        settings.maximumAnswerSize = 50_000
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            await #expect(throws: TransportError.tooLarge(peer: client.address, limit: 50_000)) {
                try await client.select(.everything(of: .anonymous))
            }
        }
    }

    @Test func `a batch larger than a message is refused and the stream goes on`() async throws {
        var settings = Loopback.settings
        settings.maximumMessageSize = 2000
        try await Loopback.withPair(FakeIngester(), settings: settings) { client, _ in
            await #expect(throws: TransportError.tooLarge(peer: client.address, limit: 2000)) {
                try await client.write(.steady(tenant: .anonymous, rows: 100))
            }
            try await #expect(client.write(.steady(tenant: .anonymous, rows: 50)) == WriteAnswer())
        }
    }

    @Test func `columns that do not fit each other are not sent`() async throws {
        try await Loopback.withPair(FakeIngester()) { client, _ in
            var batch = WriteBatch.steady(tenant: .anonymous, rows: 3)
            batch.values.removeLast()
            let unfit = batch
            await #expect(throws: IngesterError.self) { try await client.write(unfit) }
        }
    }
}
