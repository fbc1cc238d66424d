import ClusterInterface
import MetricsModel
import Testing
import WriteAheadLog

@testable import Ingestion

/// Writes that come while the log of the run before is read.
@Suite(.timeLimit(.minutes(1))) struct ReplayArrivalTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `a write is durable and answered before the log is read, reads and flushes wait`()
        async throws
    {
        let old = try await oldRun()
        let fixture = restarted(old)
        // The sender thinks that the series is known.
        var batch = WriteBatch(
            tenant,
            [.init(labels: Fixture.labels(1), samples: [(start + 1, 2)], hasKey: false)]
        )
        #expect(try await fixture.ingester.write(batch) == WriteAnswer(unknownRows: [0]))
        batch = WriteBatch(tenant, Fixture.labels(1), [(start + 1, 2)])
        #expect(try await fixture.ingester.write(batch) == WriteAnswer())
        #expect(fixture.log.records.count == 1)

        await #expect(throws: IngesterError.notAcceptingReads(state: "replaying its log")) {
            try await fixture.ingester.select(
                SelectRequest(tenant: tenant, matchers: [], range: .all)
            )
        }
        #expect(await fixture.ingester.flushAll() == FlushReport())
        fixture.clock.advance(by: 10 * Fixture.window)
        #expect(await fixture.ingester.flushDue() == FlushReport())
        #expect(fixture.store.blocks.isEmpty)

        try await finish(old, into: fixture)
        let memory = try await SampleSet.memory(of: fixture.ingester, [tenant])
        #expect(memory.count == 2)
        let series = SampleSet.Series(tenant: tenant, labels: Fixture.labels(1))
        #expect(memory.value(series, at: start) == 1.0.bitPattern)
        #expect(memory.value(series, at: start + 1) == 2.0.bitPattern)
    }

    @Test func `who asks for everything to be stored is refused until the log is read`()
        async throws
    {
        let old = try await oldRun()
        let fixture = restarted(old)
        _ = try await fixture.ingester.write(WriteBatch(tenant, Fixture.labels(2), [(start, 1)]))
        await #expect(throws: IngesterError.notAcceptingReads(state: "replaying its log")) {
            try await fixture.ingester.storeSamples(of: tenant)
        }
        try await finish(old, into: fixture)
        try await fixture.ingester.storeSamples(of: tenant)
        #expect(fixture.store.blocks.count == 1)
    }

    @Test func `of two values for a time the one in the log counts`() async throws {
        let old = try await oldRun()
        let fixture = restarted(old)
        let batch = WriteBatch(tenant, Fixture.labels(1), [(start, 5), (start + 1, 2)])
        #expect(try await fixture.ingester.write(batch) == WriteAnswer())
        try await finish(old, into: fixture)
        let memory = try await SampleSet.memory(of: fixture.ingester, [tenant])
        let series = SampleSet.Series(tenant: tenant, labels: Fixture.labels(1))
        #expect(memory.value(series, at: start) == 1.0.bitPattern)
        #expect(memory.value(series, at: start + 1) == 2.0.bitPattern)
    }

    @Test func `a write waits while the last part is read, and then needs no new series`()
        async throws
    {
        let old = try await oldRun()
        let fixture = restarted(old)
        let ingester = fixture.ingester
        _ = try await ingester.write(WriteBatch(tenant, Fixture.labels(2), [(start, 1)]))
        try replay(old.log.records, into: fixture)
        let first = fixture.log.currentSegment
        let part = await ingester.endArrivals()
        #expect(part.isLast)
        #expect(part.end == first + 1)
        let answered = Counter()
        let batch = WriteBatch(
            tenant,
            [.init(labels: Fixture.labels(2), samples: [(start + 1, 2)], hasKey: false)]
        )
        let answer = Task {
            defer { answered.increment() }
            return try await ingester.write(batch)
        }
        for _ in 0..<100 { await Task.yield() }
        #expect(answered.count == 0)
        try replay(fixture.log.records.filter { $0.segment == first }, into: fixture)
        ingester.finishReplay(ReplayOutcome())
        #expect(try await answer.value == WriteAnswer())
        ingester.setLife(.readOnly)
        #expect(try await SampleSet.memory(of: ingester, [tenant]).count == 3)
    }

    @Test func `where nothing came, no segment is ended`() async throws {
        let old = try await oldRun()
        let fixture = restarted(old)
        let segment = fixture.log.currentSegment
        let part = await fixture.ingester.endArrivals()
        #expect(part.isLast && part.end == nil)
        #expect(fixture.log.currentSegment == segment)
    }

    @Test func `a log that fails meanwhile keeps what was answered`() async throws {
        let old = try await oldRun()
        let fixture = restarted(old)
        _ = try await fixture.ingester.write(WriteBatch(tenant, Fixture.labels(2), [(start, 1)]))
        fixture.log.fail()
        await #expect(throws: IngesterError.self) {
            try await fixture.ingester.write(
                WriteBatch(tenant, Fixture.labels(2), [(start + 1, 1)])
            )
        }
        try await finish(old, into: fixture)
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 2)
        guard case .recovered(let report) = await fixture.ingester.recoverLog() else {
            Issue.record("the log is not written again")
            return
        }
        #expect(report.samples == 2)
    }

    @Test func `a log that cannot be read refuses writes, those that wait too`() async throws {
        let fixture = restarted(try await oldRun())
        let ingester = fixture.ingester
        _ = try await ingester.write(WriteBatch(tenant, Fixture.labels(2), [(start, 1)]))
        let part = await ingester.endArrivals()
        #expect(part.isLast)
        let batch = WriteBatch(tenant, Fixture.labels(2), [(start, 2)])
        let waiting = Task { try await ingester.write(batch) }
        for _ in 0..<100 { await Task.yield() }
        ingester.abandonReplay("broken")
        let refusal = IngesterError.notAcceptingWrites(
            state: "starting, its log cannot be read: broken"
        )
        await #expect(throws: refusal) { try await waiting.value }
        await #expect(throws: refusal) {
            try await ingester.write(WriteBatch(tenant, Fixture.labels(2), [(start, 3)]))
        }
    }

    /// A run that wrote one sample.
    private func oldRun() async throws -> Fixture {
        let old = Fixture()
        _ = try await old.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        return old
    }

    private func restarted(_ old: Fixture) -> Fixture {
        let log = MemoryLog(firstSegment: old.log.currentSegment + 1)
        let fixture = Fixture(log: log, life: nil)
        fixture.ingester.beginReplay()
        fixture.ingester.setLife(.replaying)
        return fixture
    }

    /// Reads the old log, and what came since.
    private func finish(_ old: Fixture, into fixture: Fixture) async throws {
        try replay(old.log.records, into: fixture)
        let first = fixture.log.currentSegment
        let part = await fixture.ingester.endArrivals()
        let end = try #require(part.end)
        try replay(
            fixture.log.records.filter { (first..<end).contains($0.segment) },
            into: fixture
        )
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.active)
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
