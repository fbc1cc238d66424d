import ClusterInterface
import HeadStorage
import MetricsModel
import Testing

@testable import Ingestion

/// How much metadata and how many exemplars a tenant may have.
@Suite(.timeLimit(.minutes(1))) struct MetadataLimitTests {
    private let tenant = TenantID.anonymous
    private let start = Fixture.start

    private func fixture(_ change: (inout TenantLimits) -> Void) -> Fixture {
        var limits = TenantLimits()
        change(&limits)
        return Fixture(limits: LimitsTable(defaults: limits))
    }

    /// A sample of a series that is new, and metadata of metrics.
    private func write(
        _ names: [String],
        help: String = "",
        to fixture: Fixture,
        at time: Int64 = 0
    ) async throws -> WriteAnswer {
        let row = WriteBatch.Row(
            labels: ["__name__": "up", "n": "\(time)", "said": "so \(help)"],
            samples: [(start + time, 1)],
            hasKey: true
        )
        var batch = WriteBatch(tenant, [row])
        batch.metadata = names.map { MetricMetadata(name: $0, kind: .gauge, help: help) }
        return try await fixture.ingester.write(batch)
    }

    private func kept(_ fixture: Fixture) async throws -> [String] {
        try await fixture.ingester.metadata(MetadataRequest(tenant: tenant))
            .map { $0.metadata.name + $0.metadata.help }
    }

    @Test func `metadata beyond the limit is dropped, and samples are taken all the same`()
        async throws
    {
        let fixture = fixture { $0.maxMetadata = 2 }
        // The batch has one sample; the third entry is refused.
        let refused = WriteAnswer(
            refusals: [
                .init(row: WriteAnswer.Refusal.noRow, sample: 3, reason: .perTenantMetadataLimit)
            ]
        )
        for time in Int64(0)..<3 {
            #expect(try await write(["a", "b", "c"], to: fixture, at: time) == refused)
        }
        #expect(try await kept(fixture) == ["a", "b"])
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 3)
    }

    @Test func `a limit on the cluster holds for the ingester's share, the smaller one counts`()
        async throws
    {
        let fixture = fixture {
            $0.maxGlobalMetadata = 4
            $0.maxMetadata = 100
        }
        let names = (0..<9).map { "m\($0)" }
        fixture.ingester.setRingShare(RingShare(ingesterCount: 6, replicationFactor: 3))
        _ = try await write(names, to: fixture)
        #expect(try await kept(fixture) == ["m0", "m1"])
        // Others left: the share grows, and what is there stays.
        fixture.ingester.setRingShare(RingShare(ingesterCount: 4, replicationFactor: 3))
        _ = try await write(names, to: fixture, at: 1)
        #expect(try await kept(fixture) == ["m0", "m1", "m2"])
        let smaller = self.fixture {
            $0.maxGlobalMetadata = 4
            $0.maxMetadata = 1
        }
        _ = try await write(names, to: smaller)
        #expect(try await kept(smaller) == ["m0"])
    }

    @Test func `entries of one metric have a limit, which is not shared out`() async throws {
        let fixture = fixture { $0.maxGlobalMetadataPerMetric = 3 }
        fixture.ingester.setRingShare(RingShare(ingesterCount: 30, replicationFactor: 3))
        for number in 0..<5 {
            let answer = try await write(["a"], help: "\(number)", to: fixture)
            let reasons: [RefusalReason] = number < 3 ? [] : [.perMetricMetadataLimit]
            #expect(answer.refusals.map(\.reason) == reasons)
        }
        #expect(Set(try await kept(fixture)) == ["a0", "a1", "a2"])
        fixture.clock.advance(by: MetadataTable.silence + 1)
        _ = try await write(["a"], help: "7", to: fixture)
        let later = Set(try await kept(fixture))
        #expect(later.count == 3 && later.contains("a7"))
    }

    @Test func `no limit is up to what an ingester keeps anyway`() async throws {
        let fixture = fixture {
            $0.maxMetadata = 0
            $0.maxMetadataPerMetric = 0
        }
        _ = try await write((0..<9000).map { "m\($0)" }, to: fixture)
        for number in 0..<12 { _ = try await write(["m0"], help: "\(number)", to: fixture) }
        #expect(try await kept(fixture).count == 9012)
    }

    @Test func `exemplars of the cluster are shared out, too`() async throws {
        let fixture = fixture { $0.maxGlobalExemplars = 4 }
        fixture.ingester.setRingShare(RingShare(ingesterCount: 4, replicationFactor: 2))
        #expect(try await exemplars(of: fixture) == [2, 3])
        let only = self.fixture {
            $0.maxGlobalExemplars = 40
            $0.maxExemplars = 1
        }
        #expect(try await exemplars(of: only) == [3])
        let none = self.fixture { $0.maxGlobalExemplars = 0 }
        #expect(try await exemplars(of: none) == [])
    }

    /// Writes four exemplars of one series.
    ///
    /// - Returns: Which of them are in memory.
    private func exemplars(of fixture: Fixture) async throws -> [Int64] {
        let row = WriteBatch.Row(labels: ["__name__": "up"], samples: [(start, 1)], hasKey: true)
        var batch = WriteBatch(tenant, [row])
        batch.exemplars = (0..<4).map {
            Exemplar(labels: ["id": "\($0)"], timestamp: start + $0, value: 1)
        }
        batch.exemplarEnds = [4]
        _ = try await fixture.ingester.write(batch)
        let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
        return try await fixture.ingester.exemplars(request)
            .flatMap { $0.exemplars.map { $0.timestamp - start } }
    }
}
