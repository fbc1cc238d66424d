import ClusterInterface
import HashRing
import MetricsModel
import PostgresStorage
import TestSupport
import Testing

@Suite(.disabled(if: TestDatabase.isMissing, TestDatabase.skipReason))
struct RoleTests {
    /// As in `docs/postgresql.md`.
    private static let grants = """
        grant select, insert, update, delete on blocks, block_pages, leases, deletions to engram_app;
        grant select, insert, update, delete on ha_elections to engram_app;
        grant select, insert on tenant_overrides to engram_app;
        grant usage on sequence lease_epochs, deletion_numbers, ha_election_versions to engram_app;
        grant usage on sequence tenant_overrides_versions to engram_app;
        grant select, insert, update, delete on ring_members, distributors to engram_app;
        grant select, insert, update on ring_epochs to engram_app;
        grant select on schema_migrations to engram_app;
        """

    @Test func `a role that owns nothing can do all but migrate`() async throws {
        let postgres = try ThrowawayPostgres.start()
        let port = try #require(postgres.port)
        let url = try postgres.freshDatabase()
        let owner = try PostgresStore(url: url)
        try await owner.migrate()
        try postgres.query(
            "create role engram_app login",
            url: "postgres://postgres@127.0.0.1:\(port)/postgres"
        )
        try postgres.query(Self.grants, url: url)
        let appURL = url.replacing("//\(ThrowawayPostgres.role)@", with: "//engram_app@")
        let store = try PostgresStore(url: appURL)
        try await store.check()
        let record = BlockRecord(
            tenant: .anonymous,
            id: BlockID(high: 1, low: 2),
            range: TimeRange(start: 1_767_000_000_000, end: 1_767_007_200_000),
            level: 0,
            seriesCount: 1,
            sampleCount: 1,
            size: 3,
            directory: 0..<1
        )
        let block = NewBlock(record: record, metrics: [], body: [1, 2, 3])
        #expect(try await store.publish(block))
        #expect(try await store.publish(block) == false)
        #expect(try await store.read(record, ranges: [1..<3]) == [[2, 3]])
        #expect(try await store.blocks(of: .anonymous, overlapping: .all) == [record])
        let member = try await store.register(
            RingMember(instance: "i", address: "a:1", state: .active, tokens: [1])
        )
        try await store.heartbeat(member)
        try await store.unregister(member)
        #expect(try await store.beat(distributor: "d", timeout: .seconds(60)) == 1)
        try await store.forget(distributor: "d")
        let lease = try #require(
            try await store.acquireLease("l", of: .anonymous, holder: "h", lasting: .seconds(60))
        )
        try await store.replace([record], with: [], under: lease, grace: .zero)
        #expect(try await store.publish(block))
        #expect(try await store.retireBlocks(endingBy: .max, under: lease, grace: .zero) == 1)
        for _ in 0..<1000
        where try await store.removeRetiredBlocks(of: .anonymous, limit: 1).count == 1 {
            break
        }
        #expect(try await store.tenantsWithBlocks(after: nil, limit: 1).isEmpty)
        let deletion = try await store.order(["up"], of: .anonymous, in: .all)
        try await store.advance(deletion, to: .done)
        let elected = try await store.compareAndSet(
            HAElectionChange(
                tenant: .anonymous,
                cluster: "c",
                replica: "r",
                startTime: .min,
                newestSample: 1,
                receivedAge: 0,
                expectedVersion: nil
            )
        )
        #expect(elected.isWritten)
        #expect(try await store.removeHAElections(silentFor: .zero) <= 1)
        let limits = try await store.write(
            TenantOverridesChange(tenant: .anonymous, document: "{}", expectedVersion: 0)
        )
        let version = try #require(limits).version
        #expect(try await store.tenantOverrides(changedAfter: version - 1, limit: 9).count == 1)
        try await store.maintain()
        try await store.releaseLease(lease)
        await store.close()
        await owner.close()
    }
}
