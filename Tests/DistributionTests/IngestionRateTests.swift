import ClusterInterface
import Distribution
import MetricsModel
import TestSupport
import Testing

@Suite struct IngestionRateTests {
    private static func limits(
        _ rate: Int,
        burst: Int = 0,
        shared: Bool = true
    ) -> WriteLimits {
        var limits = TenantLimits()
        limits.ingestionRate = rate
        limits.ingestionBurstSize = burst
        limits.sharesIngestionRate = shared
        return WriteLimits(limits)
    }

    private func push(
        _ count: Int,
        to cluster: TestCluster,
        of tenant: TenantID = .anonymous,
        after milliseconds: Int64 = 0,
        _ limits: WriteLimits
    ) async throws(PushError) -> Int {
        try await cluster.distributor.push(
            tenant: tenant,
            body: TestCluster.request(series: 0..<count).compressed,
            now: TestCluster.now + milliseconds,
            limits: limits
        ).samplesWritten
    }

    private func refusal(
        _ push: () async throws(PushError) -> Int
    ) async -> RateLimited? {
        do throws(PushError) {
            _ = try await push()
        } catch {
            if case .rateLimited(let refusal) = error { return refusal }
            Issue.record(error)
        }
        return nil
    }

    @Test func `without a limit nothing is refused`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        for _ in 0..<5 {
            #expect(try await push(5000, to: cluster, WriteLimits()) == 5000)
        }
    }

    @Test func `a request over the rate is refused as a whole and says when to come again`()
        async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let limits = Self.limits(10)
        #expect(try await push(20, to: cluster, limits) == 20)
        let refused = await refusal { () throws(PushError) in
            try await push(15, to: cluster, limits)
        }
        #expect(refused?.retryAfterSeconds == 2)
        #expect(refused?.sampleCount == 15)
        #expect(refused?.burst == 20)
        #expect(cluster.ingesters[0].batches.count == 1)
        let error = PushError.rateLimited(try #require(refused))
        #expect(error.retryAfterSeconds == 2)
        for part in ["rate_limited: 15 samples", "limit 10 in a second", "limits.ingestionRate"] {
            #expect(error.description.contains(part), "\(error)")
        }
        #expect(try await push(15, to: cluster, after: 2000, limits) == 15)
    }

    @Test func `tenants have rates of their own`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let limits = Self.limits(10)
        let other = try TenantID("other")
        #expect(try await push(20, to: cluster, limits) == 20)
        #expect(try await push(20, to: cluster, of: other, limits) == 20)
        #expect(
            await refusal { () throws(PushError) in
                try await push(1, to: cluster, limits)
            } != nil
        )
    }

    @Test func `distributors share a rate, but not a local one`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        cluster.distributor.setDistributorCount(4)
        let shared = await refusal { () throws(PushError) in
            _ = try await push(50, to: cluster, Self.limits(100))
            return try await push(50, to: cluster, Self.limits(100))
        }
        // 25 a second: 50 are there again after two.
        #expect(shared?.retryAfterSeconds == 2)
        #expect(shared?.distributorCount == 4)
        #expect(shared?.description.contains("shared by 4 distributors") == true)
        let tenant = try TenantID("local")
        let local = Self.limits(100, shared: false)
        for _ in 0..<4 {
            #expect(try await push(50, to: cluster, of: tenant, local) == 50)
        }
        let refused = await refusal { () throws(PushError) in
            try await push(50, to: cluster, of: tenant, local)
        }
        #expect(refused?.retryAfterSeconds == 1)
        #expect(refused?.distributorCount == 1)
    }

    @Test func `histograms count like samples`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            for number in 0..<3 {
                series.histogram(TestCluster.now + Int64(number), count: 1)
            }
        }
        let body = writer.compressed
        let limits = Self.limits(1, burst: 3)
        _ = try await cluster.distributor.push(
            tenant: .anonymous,
            body: body,
            now: TestCluster.now,
            limits: limits
        )
        let refused = await refusal { () throws(PushError) in
            try await push(1, to: cluster, limits)
        }
        #expect(refused?.retryAfterSeconds == 1)
    }

    @Test func `what is refused is counted with all that was in the request`() async throws {
        let factory = CountingFactory()
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1, metrics: factory)
        let limits = Self.limits(10)
        _ = try await push(20, to: cluster, limits)
        _ = try? await push(7, to: cluster, limits)
        let samples = "engram_distributor_samples"
        let tenant = "tenant=anonymous"
        #expect(factory.count("\(samples)_received_total", tenant) == 27)
        #expect(factory.count("\(samples)_discarded_total", tenant, "reason=rate_limited") == 7)
        #expect(factory.count("engram_distributor_requests_total", "outcome=rate_limited") == 1)
    }

    @Test func `one request more than may be in flight is told to come again`() throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.maximumInFlightRequests = 2
        }
        try cluster.distributor.enter()
        try cluster.distributor.enter()
        for _ in 0..<2 {
            let error = #expect(throws: PushError.self) { try cluster.distributor.enter() }
            #expect(error?.retryAfterSeconds == 5)
            #expect(error?.description.contains("more than 2 requests in flight") == true)
        }
        cluster.distributor.leave()
        try cluster.distributor.enter()
    }
}
