import ClusterInterface
import Ingestion
import MetricsModel
import Testing
import WriteAheadLog

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
        fixture.ingester.finishReplay(seconds: 1, damagedRecords: 0)
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
        fixture.ingester.finishReplay(seconds: 0, damagedRecords: 0)
        fixture.ingester.setLife(.readOnly)
    }
}
