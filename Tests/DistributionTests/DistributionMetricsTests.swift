import Distribution
import MetricsModel
import TestSupport
import Testing

@Suite struct DistributionMetricsTests {
    @Test func `samples are counted by tenant and reason`() async throws {
        let factory = CountingFactory()
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1, metrics: factory)
        var writer = TestCluster.request(series: 0..<3)
        writer.series([("job", "nameless")], [(1, 1), (2, 2)])
        let tenant = try TenantID("team-1")
        _ = try await cluster.push(writer, tenant: tenant)
        _ = try await cluster.push(TestCluster.request(series: 0..<3), tenant: tenant)
        let samples = "engram_distributor_samples"
        #expect(factory.count("\(samples)_received_total", "tenant=team-1") == 8)
        #expect(
            factory.count(
                "\(samples)_discarded_total",
                "tenant=team-1",
                "reason=missing_metric_name"
            ) == 2
        )
        #expect(factory.count("engram_distributor_requests_total", "outcome=partial") == 1)
        #expect(factory.count("engram_distributor_requests_total", "outcome=stored") == 1)
        #expect(
            factory.count("engram_distributor_replica_writes_total", "outcome=stored") == 2
        )
    }

    @Test func `requests that fail and series sent again are counted`() async throws {
        let factory = CountingFactory()
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1, metrics: factory)
        _ = try await cluster.push(TestCluster.request(series: 0..<3))
        cluster.ingesters[0].set { $0.keys = [:] }
        _ = try await cluster.push(TestCluster.request(series: 0..<3))
        #expect(factory.count("engram_distributor_resent_series_total") == 3)
        cluster.ingesters[0].set { $0.fails = true }
        _ = try? await cluster.push(TestCluster.request(series: 0..<3))
        _ = try? await cluster.distributor.push(
            tenant: .anonymous,
            body: [],
            now: 0,
            limits: WriteLimits()
        )
        let requests = "engram_distributor_requests_total"
        #expect(factory.count(requests, "outcome=unavailable") == 1)
        #expect(factory.count(requests, "outcome=malformed") == 1)
        #expect(
            factory.count("engram_distributor_samples_received_total", "tenant=anonymous") == 9
        )
    }
}
