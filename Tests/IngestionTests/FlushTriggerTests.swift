import ClusterInterface
import MetricsModel
import Testing
import WriteAheadLog

@testable import Ingestion

/// When samples are stored besides at the end of their window.
@Suite(.timeLimit(.minutes(1))) struct FlushTriggerTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    @Test func `tenants are spread evenly over the time for flushes, always the same`() throws {
        var perSecond: [Int64: Int] = [:]
        for number in 0..<10_000 {
            let tenant = try Fixture.tenant("tenant-\(number)")
            let offset = FlushSchedule.offset(of: tenant, within: 300_000)
            #expect((0..<300_000).contains(offset))
            #expect(offset == FlushSchedule.offset(of: tenant, within: 300_000))
            perSecond[offset / 1000, default: 0] += 1
        }
        // 33 on average.
        #expect(perSecond.count == 300)
        #expect(perSecond.values.max() ?? 0 < 80)
        #expect(FlushSchedule.offset(of: tenant, within: 0) == 0)
    }

    @Test func `a tenant's window is flushed at the tenant's own time`() async throws {
        let fixture = Fixture { $0.flushSpread = 300_000 }
        _ = try await fixture.ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        let due =
            start + Fixture.window + Fixture.flushDelay
            + FlushSchedule.offset(of: tenant, within: 300_000)
        fixture.clock.set(due - 1)
        #expect(await fixture.ingester.flushDue().blocks == 0)
        fixture.clock.set(due)
        #expect(await fixture.ingester.flushDue().blocks == 1)
    }

    @Test func `what is unstored is as old as the oldest sample that a flush has not stored`()
        async throws
    {
        let fixture = Fixture()
        let ingester = fixture.ingester
        let grace = TenantLimits().creationGracePeriodMilliseconds
        #expect(ingester.unstoredAge == 0)
        fixture.clock.set(start + 1000)
        _ = try await ingester.write(WriteBatch(tenant, Fixture.labels(1), [(start, 1)]))
        fixture.clock.set(start + 61_000)
        // The head took nothing before it was there.
        #expect(ingester.unstoredAge == 60_000)
        let due = start + Fixture.window + Fixture.flushDelay
        fixture.clock.set(due)
        fixture.store.fail(for: nil)
        _ = await ingester.flushDue()
        #expect(ingester.unstoredAge == due - start - 1000)
        fixture.store.fail(for: [])
        _ = try await ingester.write(WriteBatch(tenant, Fixture.labels(1), [(due, 1)]))
        fixture.clock.advance(by: FlushBackoff.longest)
        _ = await ingester.flushDue()
        // A sample that is ahead of its time as far as it may is newer than the window, and was taken before its end.
        #expect(ingester.unstoredAge == fixture.clock.now - (start + Fixture.window - grace))
        _ = await ingester.flushAll()
        #expect(ingester.unstoredAge == 0)
    }

    @Test func `where memory is short the largest tenant's oldest samples are stored early`()
        async throws
    {
        let large = try Fixture.tenant("large")
        let fixture = Fixture()
        try await write(fixture, tenant, series: 20, samples: 1)
        try await write(fixture, large, series: 200, samples: 400)
        let size = fixture.ingester.memorySize
        #expect(size > 0)
        // The same, in an ingester whose memory that is 85 % of.
        let small = Fixture { $0.maximumMemory = size * 20 / 17 }
        try await write(small, tenant, series: 20, samples: 1)
        try await write(small, large, series: 200, samples: 400)
        small.clock.set(start + Fixture.window / 2)
        let before = try await SampleSet.memory(of: small.ingester, [tenant, large])
        let report = try #require(await small.ingester.watchMemory())
        #expect(report.samples > 0 && report.failures.isEmpty)
        #expect(Set(small.store.blocks.map(\.record.tenant)) == [large])
        #expect(small.ingester.memorySize < size)
        var after = try await SampleSet.memory(of: small.ingester, [tenant, large])
        after.formUnion(try SampleSet.stored(in: small.store.blocks))
        #expect(after == before)
        // The rest of the window goes at its end, and writes go on meanwhile.
        small.clock.set(start + Fixture.window + Fixture.flushDelay)
        #expect(await small.ingester.flushDue().failures.isEmpty)
        #expect(try SampleSet.stored(in: small.store.blocks) == before)
    }

    @Test func `an ingester with memory to spare flushes nothing early`() async throws {
        let fixture = Fixture()
        try await write(fixture, tenant, series: 20, samples: 10)
        #expect(await fixture.ingester.watchMemory() == nil)
        #expect(fixture.store.blocks.isEmpty)
    }

    @Test func `at the limit writes are refused until there is room`() async throws {
        let fixture = Fixture { $0.maximumMemory = 1_000_000 }
        fixture.store.fail(for: nil)
        while fixture.ingester.memorySize < 1_000_000 {
            try await write(fixture, tenant, series: 20, samples: 50)
            fixture.clock.advance(by: 50 * 15_000)
        }
        let report = try #require(await fixture.ingester.watchMemory())
        #expect(report.failures.count == 1)
        let refusal = IngesterError.overloaded(what: "bytes of samples in memory", limit: 1_000_000)
        let batch = WriteBatch(tenant, Fixture.labels(1), [(fixture.clock.now + 1, 1)])
        await #expect(throws: refusal) { try await fixture.ingester.write(batch) }
        // Not at once again: what does not help is not repeated each second.
        #expect(await fixture.ingester.watchMemory() == nil)
        fixture.store.fail(for: [])
        fixture.clock.advance(by: FlushBackoff.first)
        #expect(await fixture.ingester.watchMemory()?.failures.isEmpty == true)
        #expect(try await fixture.ingester.write(batch) == WriteAnswer())
    }

    @Test func `while the store is away for hours writes go on, and all is stored afterwards`()
        async throws
    {
        let fixture = Fixture()
        let tenants = try (0..<5).map { try Fixture.tenant("t\($0)") }
        fixture.store.fail(for: nil)
        var failures = 0
        for minute in 0..<8 * 60 as Range<Int64> {
            fixture.clock.set(start + minute * 60_000)
            for tenant in tenants {
                _ = try await fixture.ingester.write(
                    WriteBatch(tenant, Fixture.labels(1), [(fixture.clock.now, Double(minute))])
                )
            }
            failures += await fixture.ingester.flushDue().failures.count
        }
        #expect(fixture.store.blocks.isEmpty && failures > 0)
        // Far fewer tries than minutes, each of which would cost a block that nobody takes.
        #expect(fixture.store.calls.count < 5 * 90)
        let before = try await SampleSet.memory(of: fixture.ingester, tenants)
        #expect(before.count == 5 * 8 * 60)
        fixture.store.fail(for: [])
        fixture.clock.advance(by: FlushBackoff.longest)
        #expect(await fixture.ingester.flushDue().failures.isEmpty)
        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        #expect(try SampleSet.stored(in: fixture.store.blocks) == before)
        #expect(fixture.log.records.allSatisfy { $0.segment == fixture.log.currentSegment })
    }

    @Test func `a store that does not answer is asked a few times, not once for each tenant`()
        async throws
    {
        let fixture = Fixture()
        for number in 0..<50 {
            _ = try await fixture.ingester.write(
                WriteBatch(try Fixture.tenant("t\(number)"), Fixture.labels(1), [(start, 1)])
            )
        }
        fixture.store.fail(for: nil)
        #expect(await fixture.ingester.flushAll().failures.count == 3)
        #expect(fixture.store.calls.count == 3)
        fixture.store.fail(for: [])
        #expect(await fixture.ingester.flushAll().blocks == 50)
    }

    private func write(
        _ fixture: Fixture,
        _ tenant: TenantID,
        series: Int,
        samples: Int64
    ) async throws {
        let now = fixture.clock.now
        let rows = (0..<series).map { number in
            WriteBatch.Row(
                labels: Fixture.labels(number),
                samples: (0..<samples).map { (now + $0 * 15_000, Double($0 * 7919 % 1009) / 3) }
            )
        }
        _ = try await fixture.ingester.write(WriteBatch(tenant, rows))
    }
}
