import ClusterInterface
import MetricsModel
import Testing

@testable import Ingestion

@Suite(.timeLimit(.minutes(1))) struct WholeSinceTests {
    private let tenant = TenantID.anonymous
    private let start = Fixture.start
    private let window = Fixture.window
    /// Of the limits unless set.
    private let ahead = TenantLimits().creationGracePeriodMilliseconds

    @Test func `what was taken before the start may be in blocks`() async throws {
        let fixture = Fixture()
        fixture.clock.advance(by: 3 * window)
        #expect(try await since(fixture) == start + ahead + 1)
    }

    @Test func `a window is in memory until it is flushed`() async throws {
        let fixture = Fixture()
        let last = start + 2 * window - 1
        try await write(fixture, [start + window, last, start + 2 * window])
        fixture.clock.set(start + 2 * window + Fixture.flushDelay)
        let before = try await since(fixture)
        #expect(before == start + ahead + 1)
        #expect(await fixture.ingester.flushDue().samples == 2)
        #expect(try await since(fixture) == last + 1)
        #expect(try await memory(fixture) == 1)
    }

    @Test func `while the store is away nothing leaves memory`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start + window])
        fixture.store.fail(for: nil)
        fixture.clock.set(start + 2 * window + Fixture.flushDelay)
        #expect(await fixture.ingester.flushDue().failures.count == 1)
        #expect(try await since(fixture) == start + ahead + 1)
        #expect(try await memory(fixture) == 1)
    }

    @Test func `flushing everything says so up to the newest sample, also one of the future`()
        async throws
    {
        let fixture = Fixture()
        try await write(fixture, [start + 5, start + 4 * window + 7])
        _ = await fixture.ingester.flushAll()
        #expect(try await since(fixture) == start + 4 * window + 8)
    }

    @Test func `a late sample that is stored says nothing of later times`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start + 2 * window])
        try await write(fixture, [start + 7])
        fixture.clock.set(start + 2 * window)
        fixture.clock.advance(by: Fixture.flushDelay)
        #expect(await fixture.ingester.flushDue().samples == 1)
        #expect(try await since(fixture) == start + ahead + 1)
    }

    @Test func `a tenant that is forgotten leaves its time behind`() async throws {
        let fixture = Fixture()
        try await write(fixture, [start + window])
        fixture.clock.set(start + 2 * window + Fixture.flushDelay)
        #expect(await fixture.ingester.flushDue().samples == 1)
        // Idle for two windows: the series leaves memory, and with it the head.
        fixture.clock.advance(by: 4 * window)
        _ = await fixture.ingester.flushDue()
        #expect(fixture.ingester.heads.existing(tenant) == nil)
        #expect(try await since(fixture) == start + window + 1)
        let other = try Fixture.tenant("other")
        #expect(try await fixture.ingester.wholeSince(other, departure: .min) == start + window + 1)
    }

    @Test func `others that left count up to what they may have taken`() async throws {
        let fixture = Fixture()
        let left = start + 5 * window
        let answer = try await fixture.ingester.wholeSince(tenant, departure: left)
        #expect(answer == left + ahead + 1)
        #expect(try await fixture.ingester.wholeSince(tenant, departure: .max) == .max)
    }

    @Test func `a limit of the tenant says how far ahead samples may be`() async throws {
        var limits = TenantLimits()
        limits.creationGracePeriodMilliseconds = 1000
        let fixture = Fixture(limits: LimitsTable(defaults: limits))
        #expect(try await since(fixture) == start + 1001)
    }

    @Test func `while the log is read nothing is said`() async throws {
        let fixture = Fixture(life: .replaying)
        await #expect(throws: IngesterError.notAcceptingReads(state: "replaying its log")) {
            try await since(fixture)
        }
    }

    private func since(_ fixture: Fixture) async throws -> Int64 {
        try await fixture.ingester.wholeSince(tenant, departure: .min)
    }

    private func write(_ fixture: Fixture, _ times: [Int64]) async throws {
        let answer = try await fixture.ingester.write(
            WriteBatch(tenant, Fixture.labels(0), times.map { ($0, 1) })
        )
        #expect(answer == WriteAnswer())
    }

    private func memory(_ fixture: Fixture) async throws -> Int {
        try await SampleSet.memory(of: fixture.ingester, [tenant]).count
    }
}
