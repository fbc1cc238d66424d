import ClusterInterface
import MetricsModel
import Testing
import WriteAheadLog

@testable import Ingestion

@Suite(.timeLimit(.minutes(1))) struct SeriesLimitTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    private func fixture(_ change: (inout TenantLimits) -> Void) -> Fixture {
        var limits = TenantLimits()
        change(&limits)
        return Fixture(limits: LimitsTable(defaults: limits))
    }

    private func write(
        _ rows: [Labels],
        to fixture: Fixture,
        at time: Int64 = 0,
        hasKey: Bool = true
    ) async throws -> WriteAnswer {
        let rows = rows.map {
            WriteBatch.Row(labels: $0, samples: [(start + time, 1)], hasKey: hasKey)
        }
        return try await fixture.ingester.write(WriteBatch(tenant, rows))
    }

    private func series(_ numbers: Range<Int>, _ metric: String = "m") -> [Labels] {
        numbers.map { ["__name__": metric, "n": "\($0)"] }
    }

    @Test func `one series more than a tenant may have is refused, known ones pass`() async throws {
        let fixture = fixture { $0.maxSeries = 3 }
        #expect(try await write(series(0..<2), to: fixture) == WriteAnswer())
        let answer = try await write(series(0..<5), to: fixture, at: 1)
        #expect(
            answer.refusals == [
                .init(row: 3, sample: 3, reason: .perTenantSeriesLimit),
                .init(row: 4, sample: 4, reason: .perTenantSeriesLimit),
            ]
        )
        #expect(try await write(series(0..<3), to: fixture, at: 2) == WriteAnswer())
        // Nobody is asked for labels that could not help.
        let unnamed = try await write(series(9..<10), to: fixture, at: 3, hasKey: false)
        #expect(unnamed.unknownRows.isEmpty)
        #expect(unnamed.refusals.map(\.reason) == [.perTenantSeriesLimit])
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 8)
    }

    @Test func `a series that left memory makes room`() async throws {
        let fixture = fixture { $0.maxSeries = 2 }
        _ = try await write(series(0..<2), to: fixture)
        #expect(try await write(series(2..<3), to: fixture).refusals.count == 1)
        fixture.clock.advance(by: 3 * Fixture.window)
        _ = await fixture.ingester.flushDue()
        #expect(
            try await write(series(2..<4), to: fixture, at: 3 * Fixture.window) == WriteAnswer()
        )
    }

    @Test func `each metric has its own limit`() async throws {
        let fixture = fixture { $0.maxSeriesPerMetric = 2 }
        let rows = series(0..<3) + series(0..<2, "other") + [["nameless": "1"]]
        let answer = try await write(rows, to: fixture)
        #expect(answer.refusals == [.init(row: 2, sample: 2, reason: .perMetricSeriesLimit)])
        // Its labels decide, so they are asked for first.
        let unnamed = try await write(series(7..<8), to: fixture, hasKey: false)
        #expect(unnamed == WriteAnswer(unknownRows: [0]))
        let named = try await write(series(7..<8) + series(0..<2), to: fixture, at: 1)
        #expect(named.refusals == [.init(row: 0, sample: 0, reason: .perMetricSeriesLimit)])
    }

    @Test func `series with certain labels are limited, and those with none of them`() async throws
    {
        let fixture = fixture {
            $0.labelSetLimits.add(["team": "a"], maxSeries: 2)
            $0.labelSetLimits.add(["team": "a", "zone": "1"], maxSeries: 1)
            $0.labelSetLimits.add([:], maxSeries: 3)
        }
        func labels(_ number: Int, _ pairs: (String, String)...) -> Labels {
            Labels([("__name__", "m"), ("n", "\(number)")] + pairs)
        }
        let rows = [
            labels(0, ("team", "a"), ("zone", "1")), labels(1, ("team", "a"), ("zone", "1")),
            labels(2, ("team", "a")), labels(3, ("team", "a")),
            labels(4), labels(5, ("zone", "1")), labels(6, ("team", "b")), labels(7),
        ]
        let answer = try await write(rows, to: fixture)
        #expect(answer.refusals.map(\.row) == [1, 3, 7])
        #expect(answer.refusals.allSatisfy { $0.reason == .perLabelSetSeriesLimit })
    }

    @Test func `of a limit for the cluster an ingester takes its share`() async throws {
        let fixture = fixture {
            $0.maxGlobalSeries = 10
            $0.maxSeries = 8
            $0.maxGlobalSeriesPerMetric = 6
        }
        fixture.ingester.setRingShare(RingShare(ingesterCount: 4, replicationFactor: 3))
        // Eight of the tenant, five of each metric.
        let answer = try await write(series(0..<6) + series(0..<6, "other"), to: fixture)
        #expect(answer.refusals.map(\.row) == [5, 9, 10, 11])
        #expect(
            answer.refusals.map(\.reason) == [
                .perMetricSeriesLimit, .perTenantSeriesLimit, .perTenantSeriesLimit,
                .perTenantSeriesLimit,
            ]
        )
    }

    @Test(arguments: [
        (1, 1, 10, 10), (3, 3, 10, 10), (2, 3, 10, 10), (4, 3, 10, 8), (6, 3, 10, 5),
        (100, 3, 10, 1), (5, 2, .max, .max), (4, 1, 0, 0),
    ])
    func `a share is rounded up`(ingesters: Int, copies: Int, global: Int, share: Int) {
        let ring = RingShare(ingesterCount: ingesters, replicationFactor: copies)
        #expect(ring.of(global) == share)
    }

    @Test(arguments: [
        // size, ingesters, zones → share of 12 series on three copies
        (0, 12, 3, 3), (3, 12, 3, 12), (6, 12, 3, 6), (4, 12, 3, 6), (1, 12, 1, 12), (5, 12, 1, 8),
        (50, 12, 3, 3),
    ])
    func `in a shard an ingester's share is that of the shard's size`(
        size: Int,
        ingesters: Int,
        zones: Int,
        share: Int
    ) {
        let ring = RingShare(ingesterCount: ingesters, replicationFactor: 3, zoneCount: zones)
        #expect(ring.inShard(size: size).of(12) == share)
    }

    @Test func `of a limit for the cluster a member of a shard takes the share of the shard`()
        async throws
    {
        let fixture = fixture {
            $0.maxGlobalSeries = 6
            $0.ingestionTenantShardSize = 3
        }
        fixture.ingester.setRingShare(
            RingShare(ingesterCount: 9, replicationFactor: 3, zoneCount: 3)
        )
        let answer = try await write(series(0..<8), to: fixture)
        #expect(answer.refusals.map(\.row) == [6, 7])
    }

    @Test func `exemplars of a series that may not be new are refused with it`() async throws {
        let fixture = fixture {
            $0.maxSeries = 1
            $0.maxExemplars = 10
        }
        var batch = WriteBatch(
            tenant,
            series(0..<2).map { .init(labels: $0, samples: [(start, 1)]) }
        )
        let exemplar = Exemplar(labels: ["trace": "1"], timestamp: start, value: 1)
        batch.exemplars = [exemplar, exemplar]
        batch.exemplarEnds = [1, 2]
        let answer = try await fixture.ingester.write(batch)
        #expect(
            answer.refusals == [
                .init(row: 1, sample: 1, reason: .perTenantSeriesLimit),
                .init(row: 1, sample: 3, reason: .perTenantSeriesLimit),
            ]
        )
    }

    @Test func `a changed limit holds from the next request on`() async throws {
        let table = LimitsTable()
        let fixture = Fixture(limits: table)
        _ = try await write(series(0..<5), to: fixture)
        var limits = TenantLimits()
        limits.maxSeries = 3
        table.replace(overrides: [tenant: limits])
        // Five are there: all go on, none is added.
        let answer = try await write(series(0..<6), to: fixture, at: 1)
        #expect(answer.refusals.map(\.row) == [5])
        limits.maxSeries = 0
        limits.maxSeriesPerMetric = 6
        table.replace(overrides: [tenant: limits])
        #expect(try await write(series(5..<6), to: fixture, at: 2) == WriteAnswer())
        #expect(try await write(series(6..<7), to: fixture, at: 3).refusals.count == 1)
    }

    @Test func `the log is replayed whole, and what comes meanwhile is not refused`() async throws {
        let old = Fixture()
        _ = try await write(series(0..<5), to: old)
        var limits = TenantLimits()
        limits.maxSeries = 2
        let log = MemoryLog(firstSegment: old.log.currentSegment + 1)
        let new = Fixture(log: log, limits: LimitsTable(defaults: limits), life: nil)
        new.ingester.beginReplay()
        new.ingester.setLife(.replaying)
        // Known to the run before, or not: nobody can tell yet.
        #expect(try await write(series(4..<8), to: new, at: 1) == WriteAnswer())
        try replay(old.log.records, into: new)
        #expect(await new.ingester.endArrivals().isLast)
        try replay(new.log.records, into: new)
        new.ingester.finishReplay(ReplayOutcome())
        new.ingester.setLife(.active)
        #expect(try await write(series(0..<8), to: new, at: 2) == WriteAnswer())
        #expect(try await write(series(8..<9), to: new, at: 2).refusals.count == 1)
    }

    private func replay(
        _ records: [(segment: UInt64, bytes: [UInt8])],
        into fixture: Fixture
    ) throws {
        for (segment, bytes) in records {
            fixture.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
    }
}
