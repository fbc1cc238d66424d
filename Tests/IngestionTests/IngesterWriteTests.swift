import ClusterInterface
import Ingestion
import MetricsModel
import Testing
import WriteAheadLog

@Suite(.timeLimit(.minutes(1))) struct IngesterWriteTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `what was written is selected, with its labels and bits`() async throws {
        let fixture = Fixture()
        let values = [0.1, -0.0, .nan, StaleMarker.value, .infinity]
        let samples = values.enumerated().map { (start + Int64($0) * 15_000, $1) }
        let answer = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), samples)
        )
        #expect(answer == WriteAnswer())
        var expected = SampleSet()
        for (timestamp, value) in samples {
            expected.add(tenant, Fixture.labels(1), timestamp, value.bitPattern)
        }
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]) == expected)
    }

    @Test func `labels of what was written are found by matchers and range`() async throws {
        let fixture = Fixture()
        for number in 0..<3 {
            _ = try await fixture.ingester.write(
                WriteBatch(tenant, Fixture.labels(number), [(start + Int64(number), 1)])
            )
        }
        let matchers = [try LabelMatcher(name: "pod", operation: .matches, value: "pod-[01]")]
        let range = TimeRange(start: start + 1, end: start + 10)
        let request = SelectRequest(tenant: tenant, matchers: matchers, range: range)
        #expect(try await fixture.ingester.series(request) == [Fixture.labels(1)])
        #expect(try await fixture.ingester.labelNames(request) == ["__name__", "pod"])
        #expect(try await fixture.ingester.labelValues("pod", request) == ["pod-1"])
        #expect(try await fixture.ingester.select(request).map(\.labels) == [Fixture.labels(1)])
    }

    @Test func `labels that are asked for again are those of the range and of now`() async throws {
        let fixture = Fixture()
        func write(_ number: Int, at time: Int64) async throws {
            _ = try await fixture.ingester.write(
                WriteBatch(tenant, Fixture.labels(number), [(time, 1)])
            )
        }
        func ask(_ range: TimeRange) async throws -> ([String], [String]) {
            let request = SelectRequest(tenant: tenant, matchers: [], range: range)
            return (
                try await fixture.ingester.labelNames(request),
                try await fixture.ingester.labelValues("pod", request)
            )
        }
        try await write(1, at: start)
        try await write(2, at: start + 10)
        for _ in 0..<3 {
            #expect(try await ask(.all) == (["__name__", "pod"], ["pod-1", "pod-2"]))
            let late = TimeRange(start: start + 5, end: start + 20)
            #expect(try await ask(late) == (["__name__", "pod"], ["pod-2"]))
            #expect(try await ask(TimeRange(start: start + 20, end: .max)) == ([], []))
        }
        try await write(3, at: start + 30)
        #expect(try await ask(.all) == (["__name__", "pod"], ["pod-1", "pod-2", "pod-3"]))
    }

    @Test func `a row without key of an unknown series is answered, and the other rows stored`()
        async throws
    {
        let fixture = Fixture()
        let batch = WriteBatch(
            tenant,
            [
                .init(labels: Fixture.labels(1), samples: [(start, 1)], hasKey: false),
                .init(labels: Fixture.labels(2), samples: [(start, 2)]),
                .init(labels: Fixture.labels(3), samples: [(start, 3)], hasKey: false),
            ]
        )
        let answer = try await fixture.ingester.write(batch)
        #expect(answer == WriteAnswer(unknownRows: [0, 2]))
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 1)

        // The fingerprint is known from then on.
        let again = WriteBatch(
            tenant,
            [.init(labels: Fixture.labels(2), samples: [(start + 1, 2)], hasKey: false)]
        )
        #expect(try await fixture.ingester.write(again) == WriteAnswer())
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 2)
    }

    @Test(arguments: [
        Fixture.labels(2).key,
        Array(Fixture.labels(1).key.dropLast()),
        Fixture.labels(1).key + Fixture.labels(1).key,
    ])
    func `a key that is not that of the fingerprint is refused`(key: [UInt8]) async throws {
        let fixture = Fixture()
        let batch = WriteBatch(
            tenant,
            [.init(labels: Fixture.labels(1), samples: [(start, 1), (start + 1, 2)], key: key)]
        )
        let answer = try await fixture.ingester.write(batch)
        #expect(
            answer.refusals == [
                WriteAnswer.Refusal(row: 0, sample: 0, reason: .invalidSeriesKey),
                WriteAnswer.Refusal(row: 0, sample: 1, reason: .invalidSeriesKey),
            ]
        )
        #expect(fixture.log.records.isEmpty)
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 0)
    }

    @Test func `a key whose fingerprint is right and that is not canonical is refused`()
        async throws
    {
        let fixture = Fixture()
        // Labels in the wrong order, with the fingerprint of just these bytes.
        let key = Labels([("pod", "a")]).key + Labels([("job", "b")]).key
        let answer = try await fixture.ingester.write(
            WriteBatch(tenant, Labels(unchecked: key), [(start, 1)])
        )
        #expect(answer.refusals.map(\.reason) == [.invalidSeriesKey])
    }

    @Test func `refusals name row, sample and reason, and the rest is stored`() async throws {
        let fixture = Fixture { $0.lateWindow = 60_000 }
        _ = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        )
        let batch = WriteBatch(
            tenant,
            [
                .init(labels: Fixture.labels(2), samples: [(start, 5)]),
                .init(
                    labels: Fixture.labels(1),
                    samples: [
                        (start - 60_001, 1), (start - 60_000, 2), (start, 1), (start, 3),
                        (start + 1, 4),
                    ]
                ),
            ]
        )
        let answer = try await fixture.ingester.write(batch)
        #expect(
            answer.refusals == [
                WriteAnswer.Refusal(row: 1, sample: 1, reason: .tooOld),
                WriteAnswer.Refusal(row: 1, sample: 4, reason: .newValueForTimestamp),
            ]
        )
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 4)
    }

    @Test func `without a window for late samples every older one is out of order`() async throws {
        let fixture = Fixture { $0.lateWindow = 0 }
        let answer = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start, 1), (start - 1, 2)])
        )
        #expect(answer.refusals.map(\.reason) == [.outOfOrder])
    }

    @Test func `the window for late samples is the tenant's own, also after a change`() async throws
    {
        let other = try Fixture.tenant("other")
        var wide = TenantLimits()
        wide.lateWindowMilliseconds = 3650 * 86_400_000
        var none = TenantLimits()
        none.lateWindowMilliseconds = 0
        let limits = LimitsTable(defaults: none, overrides: [tenant: wide])
        let fixture = Fixture(limits: limits)
        let old = start - 3649 * 86_400_000
        func reasons(_ tenant: TenantID, _ time: Int64) async throws -> [RefusalReason] {
            try await fixture.ingester.write(
                WriteBatch(tenant, Fixture.labels(1), [(start, 1), (time, 2)])
            ).refusals.map(\.reason)
        }
        #expect(try await reasons(tenant, old).isEmpty)
        #expect(try await reasons(other, old) == [.outOfOrder])
        limits.replace(overrides: [other: wide])
        #expect(try await reasons(other, old).isEmpty)
        #expect(try await reasons(tenant, old + 1) == [.outOfOrder])
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant, other]).count == 4)
    }

    @Test func `columns that do not fit each other are refused`() async throws {
        let fixture = Fixture()
        var batch = WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        batch.values = []
        await #expect(throws: IngesterError.self) { try await fixture.ingester.write(batch) }
    }

    @Test func `an empty batch is answered and makes no tenant`() async throws {
        let fixture = Fixture { $0.maximumTenants = 0 }
        #expect(try await fixture.ingester.write(WriteBatch(tenant: tenant)) == WriteAnswer())
    }

    @Test func `one tenant too many is refused, and those that are known go on`() async throws {
        let fixture = Fixture { $0.maximumTenants = 1 }
        let first = WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        _ = try await fixture.ingester.write(first)
        let other = try Fixture.tenant("other")
        await #expect(throws: IngesterError.overloaded(what: "tenants", limit: 1)) {
            try await fixture.ingester.write(WriteBatch(other, Fixture.labels(1), [(start, 1)]))
        }
        #expect(try await fixture.ingester.write(first) == WriteAnswer())
    }

    @Test func `tenants with the same series see only their own samples`() async throws {
        let fixture = Fixture()
        let other = try Fixture.tenant("other")
        _ = try await fixture.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        _ = try await fixture.ingester.write(WriteBatch(other, Fixture.labels(1), [(start, 2)]))
        var expected = SampleSet()
        expected.add(tenant, Fixture.labels(1), start, 1.0.bitPattern)
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]) == expected)
        let nobody = try Fixture.tenant("nobody")
        #expect(try await SampleSet.memory(of: fixture.ingester, [nobody]).count == 0)
    }

    @Test func `a log without room refuses and keeps nothing`() async throws {
        let fixture = Fixture()
        fixture.log.fill()
        await #expect(throws: IngesterError.self) {
            try await fixture.ingester.write(
                WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
            )
        }
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 0)
    }

    @Test(arguments: [
        (MemberLife.starting, false, false), (.active, true, true), (.readOnly, false, true),
        (.leaving, false, true),
    ])
    func `life decides what is taken`(life: MemberLife, writes: Bool, reads: Bool) async throws {
        let fixture = Fixture(life: life)
        let batch = WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
        let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
        if writes {
            #expect(try await fixture.ingester.write(batch) == WriteAnswer())
        } else {
            await #expect(throws: IngesterError.notAcceptingWrites(state: life.name)) {
                try await fixture.ingester.write(batch)
            }
        }
        if reads {
            #expect(try await fixture.ingester.select(request).count == (writes ? 1 : 0))
        } else {
            let refusal = IngesterError.notAcceptingReads(state: life.name)
            await #expect(throws: refusal) { try await fixture.ingester.select(request) }
            await #expect(throws: refusal) { try await fixture.ingester.series(request) }
            await #expect(throws: refusal) { try await fixture.ingester.labelNames(request) }
            await #expect(throws: refusal) {
                try await fixture.ingester.labelValues("pod", request)
            }
        }
    }

    @Test func `an ingester starts in the life that takes nothing`() {
        #expect(Fixture(life: nil).ingester.life == .starting)
    }

    @Test
    func `a write that was let in before the life changed puts nothing behind the last flush`()
        async throws
    {
        let fixture = Fixture()
        let ingester = fixture.ingester
        fixture.log.whenRoomIsAsked { ingester.setLife(.leaving) }
        await #expect(throws: IngesterError.notAcceptingWrites(state: "leaving")) {
            try await ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        }
        #expect(try await SampleSet.memory(of: ingester, [tenant]).count == 0)
        #expect(fixture.log.records.isEmpty)
    }
}
