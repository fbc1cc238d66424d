import ClusterInterface
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

@testable import Distribution

@Suite struct RelabelWriteTests {
    private static func limits(
        _ rules: [RelabelRule] = [],
        dropping labels: [String] = []
    ) throws -> WriteLimits {
        var limits = TenantLimits()
        limits.relabeling = try Relabeling(rules: rules, droppedLabels: labels)
        return WriteLimits(limits)
    }

    private static func rule(_ change: (inout RelabelRule) -> Void) -> RelabelRule {
        var rule = RelabelRule()
        change(&rule)
        return rule
    }

    private static let dropDebug = rule {
        ($0.sourceLabels, $0.regex, $0.action) = (["__name__"], "debug_.*", .drop)
    }

    private func labels(_ cluster: TestCluster) -> Set<Labels> {
        Set(cluster.ingesters.flatMap { $0.keys.map(Labels.init(unchecked:)) })
    }

    @Test(arguments: [1, 3])
    func `series are stored with the labels that the rules make, also once they are known`(
        copies: Int
    ) async throws {
        let cluster = TestCluster(ingesters: copies, replicationFactor: copies)
        let limits = try Self.limits(dropping: ["pod"])
        for round in 0..<4 {
            var writer = WireWriter()
            for number in 0..<5 {
                writer.series(
                    [("__name__", "up"), ("n", "\(number)"), ("pod", "pod-\(round)")],
                    [(TestCluster.now + Int64(round), 1)]
                )
            }
            writer.series([("__name__", "same")], [(TestCluster.now + Int64(round), 1)])
            for _ in 0..<2 {
                let outcome = try await cluster.push(writer, limits: limits)
                #expect(outcome.samplesWritten == 6)
                #expect(outcome.message == nil)
            }
        }
        await cluster.distributor.waitForBackgroundWrites()
        let expected = Set((0..<5).map { ["__name__": "up", "n": "\($0)"] as Labels })
        #expect(labels(cluster) == expected.union([["__name__": "same"]]))
        #expect(cluster.copies.count == 24)
        #expect(cluster.copies.values.allSatisfy { $0 == copies })
    }

    @Test func `an ingester that forgot a relabelled series is sent its labels again`() async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let limits = try Self.limits(dropping: ["pod"])
        for _ in 0..<2 {
            _ = try await cluster.push(TestCluster.request(series: 0..<3), limits: limits)
        }
        cluster.ingesters[0].set { $0.keys = [:] }
        let request = TestCluster.request(series: 0..<3, timestamp: TestCluster.now + 1)
        #expect(try await cluster.push(request, limits: limits).samplesWritten == 3)
        #expect(labels(cluster) == [["__name__": "up"]])
    }

    @Test func `what the rules drop is counted, and no fault of the sender`() async throws {
        let factory = CountingFactory()
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1, metrics: factory)
        let limits = try Self.limits([Self.dropDebug], dropping: ["gone"])
        var writer = WireWriter()
        writer.series([("__name__", "debug_a")], [(TestCluster.now, 1), (TestCluster.now + 1, 1)])
        writer.series([("__name__", "up")], [(TestCluster.now, 1)])
        writer.series([("gone", "1")], [(TestCluster.now, 1)])
        for _ in 0..<3 {
            let outcome = try await cluster.push(writer, limits: limits)
            #expect(outcome.samplesWritten == 1)
            #expect(outcome.message == nil)
            #expect(outcome.isComplete)
            #expect(outcome.refused == [.relabelConfiguration: 3])
        }
        #expect(labels(cluster) == [["__name__": "up"]])
        let discarded = "engram_distributor_samples_discarded_total"
        let reason = "reason=relabel_configuration"
        #expect(factory.count(discarded, "tenant=anonymous", reason) == 9)
        #expect(factory.count("engram_distributor_requests_total", "outcome=stored") == 3)
        let found = cluster.distributor.discarded(of: .anonymous, reason: .relabelConfiguration)
        #expect(found.map(\.series) == [#"{gone="1"}"#, #"{__name__="debug_a"}"#])
    }

    @Test func `rules come before the checks`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let naming = Self.rule { ($0.targetLabel, $0.replacement) = ("__name__", "named") }
        let growing = Self.rule {
            ($0.sourceLabels, $0.targetLabel, $0.replacement) = (["grow"], "grow", "$1$1$1")
        }
        var limits = try Self.limits([naming, growing], dropping: ["long"])
        limits.maximumLabelValueLength = 10
        var writer = WireWriter()
        writer.series(
            [("job", "a"), ("long", String(repeating: "x", count: 100))],
            [(TestCluster.now, 1)]
        )
        writer.series([("grow", "1234")], [(TestCluster.now, 1)])
        for _ in 0..<2 {
            let outcome = try await cluster.push(writer, limits: limits)
            #expect(outcome.samplesWritten == 1)
            #expect(outcome.refused == [.labelValueTooLong: 1])
        }
        #expect(labels(cluster) == [["__name__": "named", "job": "a"]])
    }

    @Test func `labels out of order are put in order first, and bad ones are refused as ever`()
        async throws
    {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let limits = try Self.limits(dropping: ["pod"])
        var writer = WireWriter()
        writer.series([("pod", "1"), ("job", "a"), ("__name__", "up")], [(TestCluster.now, 1)])
        writer.series([("__name__", "up"), ("job", "a"), ("job", "b")], [(TestCluster.now, 1)])
        for _ in 0..<2 {
            let outcome = try await cluster.push(writer, limits: limits)
            #expect(outcome.samplesWritten == 1)
            #expect(outcome.refused == [.duplicateLabelNames: 1])
        }
        #expect(labels(cluster) == [["__name__": "up", "job": "a"]])
    }

    @Test func `remote write 2 is relabelled, too`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let limits = try Self.limits([Self.dropDebug], dropping: ["pod"])
        for round in 0..<2 {
            var writer = SymbolWriter()
            let time = TestCluster.now + Int64(round)
            writer.series([("__name__", "up"), ("pod", "1")], [(time, 1, 0)])
            writer.series([("__name__", "debug_x")], [(time, 1, 0)])
            let outcome = try await cluster.push(writer, limits: limits)
            #expect(outcome.samplesWritten == 1)
        }
        #expect(labels(cluster) == [["__name__": "up"]])
    }

    @Test func `other rules hold from the next request on`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1)
        let request = TestCluster.request(series: 0..<2)
        _ = try await cluster.push(request)
        _ = try await cluster.push(request, limits: try Self.limits(dropping: ["pod"]))
        #expect(labels(cluster).contains(["__name__": "up"]))
        _ = try await cluster.push(request, limits: try Self.limits(dropping: ["__name__", "pod"]))
        #expect(labels(cluster).count == 3)
        _ = try await cluster.push(request)
        #expect(labels(cluster).count == 3)
    }

    @Test func `labels that rules make without bound are too large`() async throws {
        let cluster = TestCluster(ingesters: 1, replicationFactor: 1) {
            $0.requestLimits.maximumBodySize = 100_000
        }
        let doubling = Self.rule {
            ($0.sourceLabels, $0.targetLabel, $0.replacement) = (["pod"], "pod", "$1$1")
        }
        let limits = try Self.limits(Array(repeating: doubling, count: 50))
        let error = await #expect(throws: PushError.self) {
            try await cluster.push(TestCluster.request(series: 0..<20), limits: limits)
        }
        guard case .tooLarge? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `the cache remembers by tenant and rules, within its bound`() {
        let cache = RelabelCache(maximumSeries: 16_384)
        let tenant = TenantSeed(.anonymous)
        func fingerprint(_ number: UInt64) -> Fingerprint {
            Fingerprint(seed: tenant, labels: ["n": "\(number)"])
        }
        let sent = (0..<1000).map(fingerprint)
        #expect(cache.fates(of: sent, tenant: tenant, salt: 1).allSatisfy { $0 == nil })
        cache.note(
            sent.enumerated().map {
                ($1, $0 % 3 == 0 ? .dropped : .stored(fingerprint(UInt64($0) + 5000)))
            },
            tenant: tenant,
            salt: 1
        )
        let found = cache.fates(of: sent, tenant: tenant, salt: 1)
        for (index, fate) in found.enumerated() {
            #expect(
                fate == (index % 3 == 0 ? .dropped : .stored(fingerprint(UInt64(index) + 5000)))
            )
        }
        #expect(cache.fates(of: sent, tenant: tenant, salt: 2).allSatisfy { $0 == nil })
        // Others push it out, what is used stays.
        for first in stride(from: UInt64(10_000), to: 30_000, by: 100) {
            cache.note(
                (first..<first + 100).map { (fingerprint($0), .dropped) },
                tenant: tenant,
                salt: 1
            )
            _ = cache.fates(of: Array(sent.prefix(1)), tenant: tenant, salt: 1)
        }
        let left = cache.fates(of: sent, tenant: tenant, salt: 1)
        #expect(left[0] == .dropped)
        #expect(left.dropFirst().allSatisfy { $0 == nil })
    }
}
