import ClusterInterface
import HashRing
import MetricsModel
import PostgresStorage
import TestSupport
import Testing

@Suite(
    .disabled(
        if: ThrowawayPgBouncer.unavailableReason != nil,
        "\(ThrowawayPgBouncer.unavailableReason ?? "pgbouncer is there")"
    )
)
struct PgBouncerTests {
    @Test func `many stores share a few connections through pgbouncer`() async throws {
        let databaseURL = try ThrowawayPostgres.shared.get().freshDatabase()
        let bouncer = try ThrowawayPgBouncer(databaseURL: databaseURL)
        let url = bouncer.url(insteadOf: databaseURL)
        let tenants = try (0..<4).map { try TenantID("tenant-\($0)") }
        // Each has four connections, all together are given two.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for tenant in tenants {
                group.addTask { try await Self.use(url: url, tenant: tenant) }
            }
            try await group.waitForAll()
        }
        let store = try PostgresStore(url: url)
        let members = try await store.members()
        #expect(members.map(\.instance) == tenants.map(\.name))
        #expect(members.map(\.epoch) == Array(repeating: 1, count: tenants.count))
        await store.close()
    }

    /// What a process does with its store, for one tenant.
    private static func use(url: String, tenant: TenantID) async throws {
        let store = try PostgresStore(url: url)
        try await store.migrate()
        let member = RingMember(instance: tenant.name, address: "a:1", state: .active, tokens: [7])
        let registered = try await store.register(member)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 as Range<UInt64> {
                group.addTask {
                    let body = [UInt8](repeating: UInt8(number), count: 1_300_000)
                    let record = BlockRecord(
                        tenant: tenant,
                        id: BlockID(high: 0, low: number),
                        range: TimeRange(start: 1_767_000_000_000, end: 1_767_007_200_000),
                        level: 0,
                        seriesCount: 1,
                        sampleCount: 1,
                        size: body.count,
                        directory: 0..<1
                    )
                    #expect(
                        try await store.publish(NewBlock(record: record, metrics: [], body: body))
                    )
                    #expect(
                        try await store.read(record, ranges: [1_000_000..<1_200_000, 0..<3])
                            == [Array(body[0..<200_000]), Array(body[0..<3])]
                    )
                    try await store.heartbeat(registered)
                }
            }
            try await group.waitForAll()
        }
        let records = try await store.blocks(of: tenant, overlapping: .all)
        #expect(records.map(\.id.low) == Array(0..<4))
        #expect(records.allSatisfy { $0.tenant == tenant })
        await store.close()
    }
}
