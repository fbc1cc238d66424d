import ClusterInterface
import MetricsModel
import Testing
import WriteAheadLog

@testable import Ingestion

@Suite struct ReplayTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `samples of tenants beyond the limit of today are kept`() async throws {
        let old = Fixture()
        let tenants = [tenant, SampleTenant.other]
        for tenant in tenants {
            _ = try await old.ingester.write(
                WriteBatch(tenant, Fixture.labels(1), [(start, 1)])
            )
        }
        let fixture = Fixture(life: nil) { $0.maximumTenants = 1 }
        try replay(old.log, into: fixture)
        #expect(try await SampleSet.memory(of: fixture.ingester, tenants).count == 2)
    }

    @Test func `a sample whose series is not defined in its segment is left out`() async throws {
        let old = Fixture()
        _ = try await old.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        _ = try await old.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start + 1, 2)]))
        let fixture = Fixture(life: nil)
        // The record with the definition was damaged.
        try replay(old.log, into: fixture, skipping: 1)
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 0)
        fixture.ingester.setLife(.active)
        let again = WriteBatch(tenant, Fixture.labels(1), [(start + 1, 2)])
        #expect(try await fixture.ingester.write(again) == WriteAnswer())
    }

    @Test func `what was rebuilt counts as unstored since ever, until it is flushed`() async throws
    {
        let old = Fixture()
        _ = try await old.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        let fixture = Fixture(life: nil)
        try replay(old.log, into: fixture)
        #expect(fixture.ingester.unstoredAge == nil)
        fixture.ingester.setLife(.active)
        #expect(fixture.ingester.unstoredAge == nil)
        _ = await fixture.ingester.flushAll()
        #expect(fixture.ingester.unstoredAge == 0)
    }

    @Test func `late samples are kept however long ago they were taken`() async throws {
        let old = Fixture { $0.lateWindow = 60_000 }
        _ = try await old.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start, 1), (start - 50_000, 2)])
        )
        let fixture = Fixture(life: nil) { $0.lateWindow = 0 }
        try replay(old.log, into: fixture)
        #expect(try await SampleSet.memory(of: fixture.ingester, [tenant]).count == 2)
    }

    @Test func `no reads are taken before the life says so`() async throws {
        let fixture = Fixture(life: nil)
        fixture.ingester.finishReplay(ReplayOutcome())
        await #expect(throws: IngesterError.notAcceptingReads(state: "starting")) {
            try await fixture.ingester.select(
                SelectRequest(tenant: tenant, matchers: [], range: .all)
            )
        }
    }

    @Test func `numbers of cuts do not repeat when the clock goes back over a restart`()
        async throws
    {
        let old = Fixture()
        old.store.fail(for: nil)
        _ = try await old.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        _ = await old.ingester.flushAll()
        let fixture = Fixture(life: nil)
        try replay(old.log, into: fixture)
        fixture.clock.set(0)
        fixture.ingester.setLife(.active)
        _ = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(1), [(start + 1, 1)])
        )
        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        #expect(try SampleSet.stored(in: fixture.store.blocks).count == 2)
    }

    @Test func `nothing is flushed and no segment deleted before the log is read`() async throws {
        let old = Fixture()
        _ = try await old.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        let fixture = Fixture(log: MemoryLog(firstSegment: 2), life: nil)
        fixture.clock.set(start + 3 * Fixture.window)
        for (segment, bytes) in old.log.records {
            fixture.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
        #expect(await fixture.ingester.flushDue() == FlushReport())
        #expect(await fixture.ingester.flushAll() == FlushReport())
        #expect(fixture.log.journal.count == 0 && fixture.store.blocks.isEmpty)
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.active)
        #expect(await fixture.ingester.flushDue().blocks == 1)
    }

    @Test
    func
        `a log of more than fits memory is stored while it is read, and read once more after a crash`()
        async throws
    {
        let old = Fixture()
        let tenants = [tenant, SampleTenant.other]
        // A tenant whose samples are never stored keeps all segments.
        _ = try await old.ingester.write(
            WriteBatch(SampleTenant.other, Fixture.labels(1), [(start, 1)])
        )
        old.store.fail(for: [SampleTenant.other])
        for turn in 0..<40 as Range<Int64> {
            let rows = (0..<30).map { number in
                WriteBatch.Row(
                    labels: Fixture.labels(number),
                    samples: (0..<20 as Range<Int64>).map { index in
                        let time = start + (turn * 20 + index) * 1000
                        return (time, Double((time &* 2_654_435_761) % 1_000_003) / 7.3)
                    }
                )
            }
            _ = try await old.ingester.write(WriteBatch(tenant, rows))
            // A cut that was under way, and one that was done.
            if turn == 10 { old.store.fail(for: nil) }
            if turn == 10 || turn == 20 { _ = await old.ingester.flushAll() }
            if turn == 12 { old.store.fail(for: [SampleTenant.other]) }
        }
        var expected = try await SampleSet.memory(of: old.ingester, tenants)
        expected.formUnion(try SampleSet.stored(in: old.store.blocks))
        let store = MemoryBlockStore(blocks: old.store.blocks)
        // Each next process dies before it is done, the last one does not.
        for limit in [5, 20, 1000] {
            let fixture = Fixture(
                log: MemoryLog(firstSegment: 100),
                store: store,
                life: nil
            ) { $0.maximumMemory = 100_000 }
            var largest = 0
            for (segment, bytes) in old.log.records.prefix(limit) {
                fixture.ingester.replay(
                    try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                    segment: segment
                )
                largest = max(largest, fixture.ingester.memorySize)
                _ = await fixture.ingester.relieveReplay()
            }
            #expect(fixture.log.journal.count == 0)
            guard limit == 1000 else { continue }
            #expect(largest < 250_000)
            #expect(store.blocks.count > old.store.blocks.count)
            fixture.ingester.finishReplay(ReplayOutcome())
            fixture.ingester.setLife(.readOnly)
            var found = try await SampleSet.memory(of: fixture.ingester, tenants)
            found.formUnion(try SampleSet.stored(in: store.blocks))
            #expect(found == expected)
        }
    }

    private func replay(
        _ log: MemoryLog,
        into fixture: Fixture,
        skipping count: Int = 0
    ) throws {
        for (segment, bytes) in log.records.dropFirst(count) {
            fixture.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.readOnly)
    }
}
