import ClusterInterface
import HeadStorage
import MetricsModel
import Synchronization
import Testing

@testable import Ingestion

/// Tenants that stop sending, and many small ones.
@Suite struct IdleTenantTests {
    let start = Fixture.start

    @Test func `a tenant that stops sending leaves memory, and comes back`() async throws {
        let fixture = Fixture()
        let quiet = try Fixture.tenant("quiet")
        let busy = try Fixture.tenant("busy")
        for tenant in [quiet, busy] {
            try await write(fixture, tenant, at: start)
        }
        for window in 1...3 as ClosedRange<Int64> {
            fixture.clock.set(start + window * Fixture.window + Fixture.flushDelay)
            try await write(fixture, busy, at: start + window * Fixture.window)
            _ = await fixture.ingester.flushDue()
        }
        #expect(fixture.ingester.heads.all.map(\.tenant) == [busy])
        #expect(try await series(fixture, quiet).isEmpty)
        try await write(fixture, quiet, at: start + 4 * Fixture.window)
        #expect(try await series(fixture, quiet).count == 5)
        #expect(fixture.ingester.heads.all.map(\.tenant) == [busy, quiet])
    }

    @Test func `a write that holds a head which is forgotten goes to its successor`() async throws {
        let fixture = Fixture()
        let tenant = TenantID.anonymous
        let old = try fixture.ingester.heads.head(of: tenant)
        #expect(fixture.ingester.heads.forgetIfEmpty(old))
        let isForgotten = old.state.withLock { $0.isForgotten }
        #expect(isForgotten)
        try await write(fixture, tenant, at: start)
        let new = try fixture.ingester.heads.head(of: tenant)
        #expect(new !== old)
        #expect(!fixture.ingester.heads.forgetIfEmpty(new))
        #expect(try await series(fixture, tenant).count == 5)
        // The old one cannot take its successor out of the table.
        #expect(fixture.ingester.heads.forgetIfEmpty(old))
        #expect(fixture.ingester.heads.existing(tenant) === new)
    }

    @Test func `a thousand small tenants are written, flushed and written again`() async throws {
        let fixture = Fixture()
        let tenants = try (0..<1000).map { try Fixture.tenant("tenant-\($0)") }
        for step in 0..<3 as Range<Int64> {
            for tenant in tenants { try await write(fixture, tenant, at: start + step * 15_000) }
        }
        for head in fixture.ingester.heads.all {
            let size = head.state.withLock { $0.head.statistics.approximateBytes }
            #expect(size <= 16 * 1024)
        }
        fixture.clock.set(start + Fixture.window + Fixture.flushDelay)
        let report = await fixture.ingester.flushDue()
        #expect(report == FlushReport(blocks: 1000, samples: 1000 * 3 * 5))
        for tenant in tenants.prefix(10) {
            try await write(fixture, tenant, at: start + Fixture.window)
            #expect(try await series(fixture, tenant).count == 5)
        }
    }

    private func write(_ fixture: Fixture, _ tenant: TenantID, at time: Int64) async throws {
        let rows = (0..<5).map { number in
            WriteBatch.Row(labels: Fixture.labels(number), samples: [(time, Double(number))])
        }
        let answer = try await fixture.ingester.write(WriteBatch(tenant, rows))
        #expect(answer == WriteAnswer())
    }

    private func series(_ fixture: Fixture, _ tenant: TenantID) async throws -> [Labels] {
        let all = SelectRequest(tenant: tenant, matchers: [], range: .all)
        return try await fixture.ingester.series(all)
    }
}
