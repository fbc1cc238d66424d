import ClusterInterface
import HashRing
import MetricsModel
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(1))) struct TenantTargetsTests {
    @Test func `without a size a tenant has the whole ring`() throws {
        let targets = TenantTargets(Self.targets(9), replicationFactor: 3)
        #expect(targets.targets(of: .anonymous, size: 0).ring.members.count == 9)
        #expect(targets.targets(of: .anonymous, size: 9).ring.members.count == 9)
        #expect(targets.targets(of: .anonymous, size: 20).ring.members.count == 9)
    }

    @Test func `tenants have shards of their own, the same each time`() throws {
        let targets = TenantTargets(Self.targets(9), replicationFactor: 3)
        var shards: Set<[String]> = []
        for number in 0..<50 {
            let tenant = try TenantID("tenant-\(number)")
            let shard = targets.targets(of: tenant, size: 3)
            let names = shard.ring.members.map(\.instance)
            #expect(names.count == 3)
            #expect(targets.targets(of: tenant, size: 3).ring.members.map(\.instance) == names)
            #expect(shard.clients.count == 3)
            shards.insert(names)
        }
        #expect(shards.count > 20)
    }

    @Test func `of another ring other shards are made`() throws {
        let targets = TenantTargets(Self.targets(9), replicationFactor: 3)
        let before = targets.targets(of: .anonymous, size: 3).ring.members
        targets.replace(Self.targets(9, without: before[0].instance))
        let after = targets.targets(of: .anonymous, size: 3).ring.members
        #expect(after.count == 3)
        #expect(!after.contains(before[0]))
        #expect(after.contains(before[1]))
        #expect(after.contains(before[2]))
    }

    @Test func `with room for few shards all are still right`() throws {
        let whole = Self.targets(9)
        let targets = TenantTargets(whole, replicationFactor: 3, maximumTokens: 4000)
        for round in 0..<2 {
            for number in 0..<20 {
                let tenant = try TenantID("tenant-\(number)")
                let expected = ShuffleShard(tenant: tenant.name, size: 3)
                    .writers(of: whole.ring, replicationFactor: 3)?
                    .map { whole.ring.members[$0] }
                let found = targets.targets(of: tenant, size: 3).ring.members
                #expect(found == expected, "round \(round)")
            }
        }
    }

    @Test func `a write goes to the members of the shard alone`() async throws {
        let cluster = TestCluster(ingesters: 9, replicationFactor: 3, shardSize: 3, zones: 3)
        let tenant = try TenantID("sharded")
        let outcome = try await cluster.push(TestCluster.request(series: 0..<200), tenant: tenant)
        #expect(outcome.samplesWritten == 200)
        await eventually {
            cluster.copies.count == 200 && cluster.copies.values.allSatisfy { $0 == 3 }
        }
        #expect(cluster.ingesters.count { !$0.samples.isEmpty } == 3)
    }

    @Test func `writes go on with one of a shard away, and stop with two`() async throws {
        let cluster = TestCluster(ingesters: 9, replicationFactor: 3, shardSize: 3, zones: 3)
        let tenant = try TenantID("sharded")
        _ = try await cluster.push(TestCluster.request(series: 0..<20), tenant: tenant)
        await eventually { cluster.copies.values.allSatisfy { $0 == 3 } }
        let members = cluster.ingesters.indices.filter { !cluster.ingesters[$0].samples.isEmpty }
        cluster.setUnhealthy([members[0]])
        let outcome = try await cluster.push(TestCluster.request(series: 20..<40), tenant: tenant)
        #expect(outcome.samplesWritten == 20)
        // The shard does not grow: other tenants' ingesters stay out of it.
        #expect(
            cluster.ingesters.indices.filter { !cluster.ingesters[$0].samples.isEmpty } == members
        )
        cluster.setUnhealthy([members[0], members[1]])
        let error = await #expect(throws: PushError.self) {
            try await cluster.push(TestCluster.request(series: 40..<50), tenant: tenant)
        }
        let text = String(describing: error)
        #expect(text.contains("shard of 3 (limits.ingestionTenantShardSize)"), "\(text)")
    }

    private static func targets(_ count: Int, without gone: String = "") -> WriteTargets {
        var random = SeededGenerator(seed: 1)
        let members = (0..<count).map { number in
            RingMember(
                instance: "ingester-\(number)",
                address: "",
                state: .active,
                tokens: (0..<32).map { _ in .random(in: 0 ... .max, using: &random) }.sorted()
            )
        }
        let ring = HashRing(members: members.filter { $0.instance != gone }) { _ in true }
        return WriteTargets(ring: ring) { _ in FakeIngester() }
    }

    /// Waits for replicas that outlive the request; the time limit ends it.
    private func eventually(_ condition: () -> Bool) async {
        while !condition(), !Task.isCancelled { await Task.yield() }
    }
}
