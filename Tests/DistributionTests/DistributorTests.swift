import ClusterInterface
import Distribution
import MetricsModel
import TestSupport
import Testing

@Suite struct DistributorTests {
    private typealias Stored = FakeIngester.Stored

    @Test(arguments: [(1, 1, 1), (3, 3, 3), (7, 3, 3), (5, 2, 2)])
    func `every sample is on as many ingesters as asked for`(
        ingesters: Int,
        factor: Int,
        copies: Int
    ) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: factor)
        let outcome = try await cluster.push(TestCluster.request(series: 0..<50))
        await cluster.distributor.waitForBackgroundWrites()
        #expect(outcome.samplesWritten == 50)
        #expect(outcome.isComplete)
        #expect(outcome.message == nil)
        #expect(cluster.copies.count == 50)
        #expect(cluster.copies.values.allSatisfy { $0 == copies })
    }

    @Test func `what arrives is the key, the time and the bits of the value`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.series(
            [("__name__", "up"), ("job", "a")],
            [(5, StaleMarker.value), (6, -0.0)]
        )
        _ = try await cluster.push(writer)
        let labels: Labels = ["__name__": "up", "job": "a"]
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: labels)
        #expect(cluster.ingesters[0].keys == [labels.key])
        #expect(
            cluster.ingesters[0].samples == [
                Stored(fingerprint: fingerprint, timestamp: 5, valueBits: StaleMarker.bits),
                Stored(fingerprint: fingerprint, timestamp: 6, valueBits: (-0.0).bitPattern),
            ]
        )
    }

    @Test(arguments: [(1, 1), (3, 3), (6, 3)])
    func `labels travel once`(ingesters: Int, factor: Int) async throws {
        let cluster = TestCluster(ingesters: ingesters, replicationFactor: factor)
        _ = try await cluster.push(TestCluster.request(series: 0..<40))
        await cluster.distributor.waitForBackgroundWrites()
        let second = TestCluster.request(series: 0..<41, timestamp: TestCluster.now + 1)
        #expect(try await cluster.push(second).samplesWritten == 41)
        await cluster.distributor.waitForBackgroundWrites()
        for ingester in cluster.ingesters {
            let batches = ingester.batches
            #expect(batches.count <= 2)
            let keys = batches.dropFirst().reduce(0) { $0 + $1.keys.count }
            // At most the one new series.
            #expect(keys < 100)
        }
        #expect(cluster.copies.count == 81)
        #expect(cluster.copies.values.allSatisfy { $0 == factor })
    }

    @Test func `an ingester that has forgotten series gets their labels again`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        _ = try await cluster.push(TestCluster.request(series: 0..<10))
        await cluster.distributor.waitForBackgroundWrites()
        cluster.ingesters[1].set { $0.keys = [:] }
        let again = TestCluster.request(series: 0..<10, timestamp: TestCluster.now + 1)
        #expect(try await cluster.push(again).samplesWritten == 10)
        await cluster.distributor.waitForBackgroundWrites()
        #expect(cluster.ingesters[1].batches.count == 3)
        #expect(cluster.ingesters[1].keys.count == 10)
        #expect(cluster.copies.values.allSatisfy { $0 == 3 })
    }

    @Test func `tenants with equal series have fingerprints of their own`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        for name in ["one", "two"] {
            _ = try await cluster.push(
                TestCluster.request(series: 0..<3),
                tenant: try TenantID(name)
            )
        }
        #expect(cluster.ingesters[0].samples.count == 6)
        #expect(cluster.ingesters[0].batches.map(\.tenant.name) == ["one", "two"])
        #expect(cluster.ingesters[0].batches.allSatisfy { !$0.keys.isEmpty })
    }

    @Test func `one failed ingester of three does not matter, two do`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        cluster.ingesters[0].set { $0.fails = true }
        let outcome = try await cluster.push(TestCluster.request(series: 0..<10))
        #expect(outcome.samplesWritten == 10)
        cluster.ingesters[2].set { $0.fails = true }
        let error = await #expect(throws: PushError.self) {
            try await cluster.push(TestCluster.request(series: 0..<10))
        }
        guard case .unavailable(_, let required, let cause, let seconds) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(required == 2)
        #expect(cause.hasPrefix("ingester-"))
        #expect(cause.contains("disk is away"))
        #expect(seconds == 5)
    }

    @Test func `a failed write is not remembered as sent`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        cluster.ingesters[0].set { $0.fails = true }
        await #expect(throws: PushError.self) {
            try await cluster.push(TestCluster.request(series: 0..<2))
        }
        cluster.ingesters[0].set { $0.fails = false }
        _ = try await cluster.push(TestCluster.request(series: 0..<2))
        #expect(cluster.ingesters[0].batches.count == 2)
        #expect(cluster.ingesters[0].keys.count == 2)
    }

    @Test func `series go to the next ingester when one is unhealthy`() async throws {
        let cluster = TestCluster(ingesters: 4, replicationFactor: 3, unhealthy: [2])
        #expect(try await cluster.push(TestCluster.request(series: 0..<30)).samplesWritten == 30)
        await cluster.distributor.waitForBackgroundWrites()
        #expect(cluster.ingesters[2].batches.isEmpty)
        #expect(cluster.copies.values.allSatisfy { $0 == 3 })
        cluster.setUnhealthy([])
        let later = TestCluster.request(series: 0..<30, timestamp: TestCluster.now + 1)
        #expect(try await cluster.push(later).samplesWritten == 30)
        await cluster.distributor.waitForBackgroundWrites()
        #expect(!cluster.ingesters[2].samples.isEmpty)
        #expect(cluster.copies.values.allSatisfy { $0 == 3 })
    }

    @Test(arguments: [[0, 1], [0, 1, 2]])
    func `without a quorum of healthy ingesters nothing is sent`(unhealthy: [Int]) async throws {
        let cluster = TestCluster(
            ingesters: 3,
            replicationFactor: 3,
            unhealthy: Set(unhealthy)
        )
        await #expect(
            throws: PushError.unavailable(
                accepted: 0,
                required: 2,
                cause: "\(3 - unhealthy.count) healthy ingesters are on the ring",
                retryAfterSeconds: 5
            )
        ) { try await cluster.push(TestCluster.request(series: 0..<3)) }
        #expect(cluster.ingesters.allSatisfy { $0.batches.isEmpty })
    }

    @Test func `a slow replica finishes in the background`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        cluster.ingesters[1].set { $0.isClosed = true }
        #expect(try await cluster.push(TestCluster.request(series: 0..<5)).samplesWritten == 5)
        #expect(cluster.ingesters[1].samples.isEmpty)
        cluster.ingesters[1].open()
        await cluster.distributor.waitForBackgroundWrites()
        #expect(cluster.ingesters[1].samples.count == 5)
    }

    @Test func `without room in the background a request waits for all replicas`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3) {
            $0.maximumBackgroundWrites = 0
        }
        cluster.ingesters[1].set { $0.isClosed = true }
        async let outcome = cluster.push(TestCluster.request(series: 0..<5))
        while cluster.ingesters[0].samples.count + cluster.ingesters[2].samples.count < 10 {
            await Task.yield()
        }
        cluster.ingesters[1].open()
        #expect(try await outcome.samplesWritten == 5)
        #expect(cluster.ingesters[1].samples.count == 5)
    }

    @Test func `more bytes in flight than allowed are refused, and given back`() async throws {
        let request = TestCluster.request(series: 0..<5)
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.maximumInFlightBytes = request.bytes.count
        }
        cluster.ingesters[0].set { $0.isClosed = true }
        async let first = cluster.push(request)
        while !cluster.ingesters[0].hasWaitingWrites { await Task.yield() }
        await #expect(
            throws: PushError.overloaded(
                what: "bytes of requests in flight",
                limit: request.bytes.count,
                retryAfterSeconds: 5
            )
        ) { try await cluster.push(request) }
        cluster.ingesters[0].open()
        #expect(try await first.samplesWritten == 5)
        #expect(try await cluster.push(request).samplesWritten == 5)
    }

    @Test(arguments: [
        WriteAnswer(unknownRows: [5]), WriteAnswer(unknownRows: [0]),
        WriteAnswer(refusals: [WriteAnswer.Refusal(row: 9, sample: 0, reason: .tooOld)]),
        WriteAnswer(refusals: [WriteAnswer.Refusal(row: 0, sample: 1, reason: .tooOld)]),
    ])
    func `an answer that cannot be is no acknowledgement`(answer: WriteAnswer) async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        cluster.ingesters[0].set { $0.answer = answer }
        await #expect(throws: PushError.self) {
            try await cluster.push(TestCluster.request(series: 0..<5))
        }
    }

    @Test func `a repeated request succeeds and stores nothing twice`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        for _ in 0..<3 {
            #expect(try await cluster.push(TestCluster.request(series: 0..<5)).samplesWritten == 5)
        }
        await cluster.distributor.waitForBackgroundWrites()
        #expect(cluster.copies.count == 5)
    }
}
