import ClusterInterface
import Distribution
import MetricsModel
import TestSupport
import Testing

/// What is kept of refusals for tenants to look up.
@Suite struct RefusalExampleTests {
    private func found(
        _ cluster: TestCluster,
        _ reason: DiscardReason? = nil
    ) -> [DiscardedSeries] {
        cluster.distributor.discarded(of: .anonymous, reason: reason)
    }

    @Test func `a flood of refusals keeps some of them, and one of each reason`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        for number in 0..<500 { writer.series([("job", "\(number)")], [(TestCluster.now, 1)]) }
        writer.series(
            [("__name__", "up")],
            (0..<500).map { (TestCluster.now + 3_600_000 + Int64($0), 1) }
        )
        let outcome = try await cluster.push(writer)
        #expect(outcome.refused == [.missingMetricName: 500, .tooFarInFuture: 500])
        #expect(found(cluster).count == 17)
        #expect(found(cluster, .missingMetricName).count == 16)
        let future = found(cluster, .tooFarInFuture)
        #expect(future.map(\.series) == [#"{__name__="up"}"#])
        #expect(future.first?.limit == MetLimit(name: "limits.creationGracePeriod", value: "600s"))
    }

    @Test func `samples of one series that are refused for one reason are one entry`() async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.series([("job", "a")], (0..<10).map { (TestCluster.now + Int64($0), 1) })
        _ = try await cluster.push(writer)
        _ = try await cluster.push(writer)
        #expect(found(cluster).map(\.count) == [20])
    }

    @Test func `a replica's refusal is kept once a quorum shares it`() async throws {
        let cluster = TestCluster(ingesters: 3, replicationFactor: 3)
        cluster.ingesters[0].set { $0.refused[5] = .perMetricSeriesLimit }
        var writer = WireWriter()
        writer.series([("__name__", "up")], [(5, 1)])
        #expect(try await cluster.push(writer).isComplete)
        await cluster.distributor.waitForBackgroundWrites()
        #expect(found(cluster).isEmpty)
        cluster.ingesters[1].set { $0.refused[5] = .perMetricSeriesLimit }
        cluster.ingesters[2].set { $0.refused[5] = .perMetricSeriesLimit }
        var limits = TenantLimits()
        limits.maxGlobalSeriesPerMetric = 7
        let outcome = try await cluster.push(writer, limits: WriteLimits(limits))
        #expect(outcome.refused == [.perMetricSeriesLimit: 1])
        let message = outcome.message ?? ""
        #expect(message.contains("limits.maxGlobalSeriesPerMetric 7"), "\(message)")
        #expect(message.contains("per_metric_series_limit 1"), "\(message)")
        #expect(
            found(cluster).map(\.limit) == [
                MetLimit(name: "limits.maxGlobalSeriesPerMetric", value: "7")
            ]
        )
    }

    @Test func `metadata and exemplars are told apart from samples`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        var writer = WireWriter()
        writer.metadata(kind: 1, name: "", help: "h")
        writer.message(1) { series in
            series.label("__name__", "up")
            series.sample(TestCluster.now, 1)
            series.exemplar([], TestCluster.now, 1)
        }
        var limits = WriteLimits()
        limits.keepsExemplars = true
        _ = try await cluster.push(writer, limits: limits)
        let kinds = found(cluster).map { [$0.kind.rawValue, $0.reason.rawValue, $0.series] }
        #expect(
            kinds == [
                ["exemplar", "exemplar_labels_missing", #"{__name__="up"}"#],
                ["metadata", "missing_metric_name", ""],
            ]
        )
    }
}
