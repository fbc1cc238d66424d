import ClusterInterface
import MetricsModel
import Testing

@testable import Ingestion

@Suite(.timeLimit(.minutes(1))) struct IngesterFlushTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `a window is flushed a delay after its end, and an open one is not`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start, start + Fixture.window - 1, start + Fixture.window])
        fixture.clock.set(start + Fixture.window + Fixture.flushDelay - 1)
        #expect(await fixture.ingester.flushDue() == FlushReport())
        fixture.clock.advance(by: 1)
        let report = await fixture.ingester.flushDue()
        #expect((report.blocks, report.samples) == (1, 2))
        #expect(report.failures.isEmpty)
        #expect(try await memory(fixture).count == 1)
        #expect(try SampleSet.stored(in: fixture.store.blocks).count == 2)
        #expect(await fixture.ingester.flushDue() == FlushReport())
    }

    @Test func `flushing everything stores open windows too and leaves memory empty`() async throws
    {
        let fixture = Fixture()
        let times = [start, start + Fixture.window, start + 3 * Fixture.window + 5]
        try await write(fixture, times)
        let before = try await memory(fixture)
        let report = await fixture.ingester.flushAll()
        #expect((report.blocks, report.samples) == (3, 3))
        #expect(try await memory(fixture).count == 0)
        #expect(try SampleSet.stored(in: fixture.store.blocks) == before)
        #expect(await fixture.ingester.flushAll() == FlushReport())
    }

    @Test func `a block's row says what is in it`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start + 7, start + 900], series: 3)
        _ = await fixture.ingester.flushAll()
        let block = try #require(fixture.store.blocks.first)
        #expect(block.record.tenant == tenant)
        #expect(block.record.range == TimeRange(start: start + 7, end: start + 901))
        #expect(block.record.level == 0)
        #expect(block.record.seriesCount == 3)
        #expect(block.record.sampleCount == 6)
        #expect(block.record.size == block.body.count)
        #expect(
            block.metrics == [
                MetricSummary(name: "requests_total", seriesCount: 3, sampleCount: 6)
            ]
        )
    }

    @Test func `a large window becomes several blocks`() async throws {
        let fixture = Fixture { $0.maximumSeriesPerBlock = 4 }
        try await write(fixture, [start], series: 10)
        let before = try await memory(fixture)
        let report = await fixture.ingester.flushAll()
        #expect((report.blocks, report.samples) == (3, 10))
        #expect(fixture.store.blocks.map(\.record.seriesCount).sorted() == [2, 4, 4])
        #expect(try SampleSet.stored(in: fixture.store.blocks) == before)
    }

    @Test func `samples at the ends of time are stored like others`() async throws {
        let fixture = Fixture()
        let times: [Int64] = [.min, .min + 1, -1, 0, .max - 2, .max - 1]
        try await write(fixture, times)
        let before = try await memory(fixture)
        #expect(before.count == times.count)
        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        #expect(try SampleSet.stored(in: fixture.store.blocks) == before)
    }

    @Test func `the same samples make the same block, which is stored once`() async throws {
        let store = MemoryBlockStore()
        for _ in 0..<2 {
            let fixture = Fixture(store: store)
            try await write(fixture, [start, start + 1], series: 2)
            #expect(await fixture.ingester.flushAll().failures.isEmpty)
        }
        #expect(store.calls.count == 2)
        #expect(store.blocks.count == 1)
    }

    @Test func `other samples, and those of other tenants, make other blocks`() async throws {
        let store = MemoryBlockStore()
        for (name, value) in [("a", 1.0), ("a", 2), ("b", 1)] {
            let fixture = Fixture(store: store)
            _ = try await fixture.ingester.write(
                WriteBatch(try Fixture.tenant(name), Fixture.labels(1), [(start, value)])
            )
            _ = await fixture.ingester.flushAll()
        }
        #expect(Set(store.blocks.map(\.record.id)).count == 3)
    }

    @Test func `while the store fails all stays in memory and log, and is stored once later`()
        async throws
    {
        let fixture = Fixture()
        try await write(fixture, [start, start + 1])
        let before = try await memory(fixture)
        let records = fixture.log.records.count
        fixture.store.fail(for: nil)
        for _ in 0..<2 {
            let report = await fixture.ingester.flushAll()
            #expect(report.blocks == 0)
            #expect(report.failures.map(\.tenant) == [tenant])
            #expect(try await memory(fixture) == before)
            #expect(fixture.log.records.count >= records)
        }
        // What comes meanwhile joins in.
        try await write(fixture, [start + 2])
        fixture.store.fail(for: [])
        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        #expect(try await memory(fixture).count == 0)
        let stored = try SampleSet.stored(in: fixture.store.blocks)
        #expect(stored.count == 3)
        #expect(fixture.store.blocks.reduce(0) { $0 + $1.record.sampleCount } == 3)
        #expect(await fixture.ingester.flushAll() == FlushReport())
    }

    @Test func `a cut that waits is stored by the next flush even when nothing new is due`()
        async throws
    {
        let fixture = Fixture()
        try await write(fixture, [start])
        fixture.clock.set(start + Fixture.window + Fixture.flushDelay)
        fixture.store.fail(for: nil)
        #expect(await fixture.ingester.flushDue().failures.count == 1)
        fixture.store.fail(for: [])
        fixture.clock.advance(by: FlushBackoff.first)
        let report = await fixture.ingester.flushDue()
        #expect((report.blocks, report.samples) == (1, 1))
    }

    @Test func `a tenant whose flush fails does not hold up the others`() async throws {
        let fixture = Fixture()
        let (bad, good) = (try Fixture.tenant("a-bad"), try Fixture.tenant("b-good"))
        for tenant in [bad, good] {
            _ = try await fixture.ingester.write(
                WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
            )
        }
        fixture.store.fail(for: [bad])
        let report = await fixture.ingester.flushAll()
        #expect(report.failures.map(\.tenant) == [bad])
        #expect(fixture.store.blocks.map(\.record.tenant) == [good])
    }

    @Test func `segments go only when all their samples are stored`() async throws {
        let fixture = Fixture(log: MemoryLog(recordsPerSegment: 2))
        let (slow, quick) = (try Fixture.tenant("slow"), try Fixture.tenant("quick"))
        _ = try await fixture.ingester.write(
            WriteBatch(slow, Fixture.labels(1), [(start, 1)])
        )
        for step in 0..<9 {
            _ = try await fixture.ingester.write(
                WriteBatch(quick, Fixture.labels(1), [(start + Int64(step), 1)])
            )
        }
        fixture.store.fail(for: [slow])
        _ = await fixture.ingester.flushAll()
        #expect(fixture.log.records.map(\.segment).min() == 1)
        fixture.store.fail(for: [])
        _ = await fixture.ingester.flushAll()
        let left = fixture.log.records.map(\.segment)
        #expect(left.allSatisfy { $0 == fixture.log.currentSegment })
    }

    @Test func `a segment with samples of an open window stays`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start])
        fixture.log.rotate()
        try await write(fixture, [start + Fixture.window])
        fixture.log.rotate()
        fixture.clock.set(start + Fixture.window + Fixture.flushDelay)
        _ = await fixture.ingester.flushDue()
        #expect(fixture.log.records.map(\.segment).min() == 2)
    }

    @Test func `late samples after a flush become a later block`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start, start + 2, start + Fixture.window])
        fixture.clock.set(start + Fixture.window + Fixture.flushDelay)
        _ = await fixture.ingester.flushDue()
        try await write(fixture, [start + 1])
        #expect(try await memory(fixture).count == 2)
        fixture.clock.advance(by: Fixture.window)
        let report = await fixture.ingester.flushDue()
        #expect((report.blocks, report.samples) == (2, 2))
        let stored = try SampleSet.stored(in: fixture.store.blocks)
        #expect(stored.count == 4)
        #expect(
            fixture.store.blocks.filter { $0.record.range.start < start + Fixture.window }.count
                == 2
        )
    }

    @Test func `series that are idle for two windows leave memory with the flush`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start], series: 5)
        fixture.clock.set(start + 2 * Fixture.window)
        _ = await fixture.ingester.flushAll()
        // Too young by one millisecond: still known without key.
        let batch = WriteBatch(
            tenant,
            [.init(labels: Fixture.labels(1), samples: [(start + 1, 1)], hasKey: false)]
        )
        #expect(try await fixture.ingester.write(batch) == WriteAnswer())
        fixture.clock.advance(by: 2)
        _ = await fixture.ingester.flushAll()
        #expect(try await fixture.ingester.write(batch) == WriteAnswer(unknownRows: [0]))
    }

    // MARK: While a flush is under way

    @Test func `every sample is seen at each step of a flush`() async throws {
        let fixture = Fixture { $0.maximumSeriesPerBlock = 2 }
        try await write(fixture, [start, start + 1, start + Fixture.window], series: 5)
        let expected = try await memory(fixture)
        let (ingester, store, tenant) = (fixture.ingester, fixture.store, tenant)
        let look: @Sendable () async throws -> Void = {
            // Memory first, store second, as a querier does.
            var seen = try await SampleSet.memory(of: ingester, [tenant])
            #expect(
                seen == expected,
                "nothing leaves memory before all blocks of the cut are stored"
            )
            seen.formUnion(try SampleSet.stored(in: store.blocks))
            #expect(seen == expected)
        }
        store.observe(before: look, after: look)
        // The store would keep the ingester, which keeps the store.
        defer { store.observe(before: {}, after: {}) }
        let report = await ingester.flushAll()
        #expect((report.blocks, report.failures.count) == (6, 0))
        #expect(try SampleSet.stored(in: store.blocks) == expected)
    }

    @Test func `writes and reads go on while the store is slow`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start])
        fixture.store.close()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await fixture.ingester.flushAll() }
            await eventually { fixture.store.waitingCount == 1 }
            try await write(fixture, [start + 1])
            #expect(try await memory(fixture).count == 2)
            fixture.store.open()
        }
        #expect(try await memory(fixture).count == 1)
        #expect(try SampleSet.stored(in: fixture.store.blocks).count == 1)
    }

    @Test func `flushes run one at a time, and each block is stored once`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start, start + Fixture.window], series: 3)
        fixture.store.close()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = await fixture.ingester.flushAll() } }
            await eventually { fixture.store.waitingCount == 1 }
            fixture.store.open()
        }
        #expect(fixture.store.maximumRunning == 1)
        #expect(fixture.store.calls.count == 2)
    }

    @Test func `a flush of a broken log stores what is cut at the next try`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start])
        fixture.log.hold()
        async let flush = fixture.ingester.flushAll()
        await eventually { fixture.log.waitingCount == 1 }
        fixture.log.fail()
        let failed = await flush
        #expect(failed.failures.count == 1)
        #expect(try await memory(fixture).count == 1)
        let report = await fixture.ingester.flushAll()
        #expect((report.blocks, report.samples) == (1, 1))
    }

    private func write(_ fixture: Fixture, _ times: [Int64], series: Int = 1) async throws {
        let rows = (0..<series).map { number in
            WriteBatch.Row(
                labels: Fixture.labels(number),
                samples: times.map { ($0, Double(number)) }
            )
        }
        #expect(try await fixture.ingester.write(WriteBatch(tenant, rows)) == WriteAnswer())
    }

    private func memory(_ fixture: Fixture) async throws -> SampleSet {
        try await SampleSet.memory(of: fixture.ingester, [tenant])
    }
}
