import TestSupport
import Testing

extension IntegrationTests {
    /// Tenants on some of a cluster's ingesters.
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    struct TenantShardTests {}
}

extension IntegrationTests.TenantShardTests {
    private static let tenant = "sharded"

    /// Two ingesters in each of three zones, and the size of the tenant's shard in a file that is looked at ten times a
    /// second.
    private struct Shards {
        let cluster: LocalCluster
        private let folder: ScratchFolder

        init(size: Int) throws {
            folder = try ScratchFolder("shards")
            try Self.write(size, in: folder)
            let flags = [
                "--limits-overrides-file", folder.file("overrides.yaml"),
                "--limits-overrides-reload-interval", "100ms",
            ]
            cluster = try LocalCluster(
                flags,
                queriers: flags,
                ingesters: flags,
                ingestersPerZone: 2
            )
        }

        func resize(_ size: Int) throws { try Self.write(size, in: folder) }

        /// Longer than it takes until everyone writes by a new size, and until readers need not look by the old one:
        /// twice twelve looks at the file, and twelve at the ring.
        func settle() { breathe(8) }

        /// Samples that each ingester has taken; nobody but the tenant sends any.
        func taken() -> [Double] {
            cluster.ingesters.map {
                (try? $0.metric("engram_ingester_samples_appended_total")) ?? 0
            }
        }

        /// The ingesters that took samples since then.
        func takers(since before: [Double]) -> [Int] {
            let now = taken()
            return now.indices.filter { now[$0] > before[$0] }
        }

        private static func write(_ size: Int, in folder: ScratchFolder) throws {
            try folder.write(
                """
                overrides:
                  \(IntegrationTests.TenantShardTests.tenant):
                    ingestion_tenant_shard_size: \(size)

                """,
                to: "overrides.yaml"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `writes touch the shard alone, and while its size changes no query shows a hole`() throws {
        let shards = try Shards(size: 3)
        let cluster = shards.cluster
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        let begin = shards.taken()
        try load.run { breathe(0.5) }
        try load.expectNoRefusal("size 3")
        try load.check("size 3")
        let small = shards.takers(since: begin)
        #expect(small.count == 3)
        // One of each zone.
        #expect(Set(small.map { $0 / 2 }).count == 3)
        try cluster.flush()
        try load.check("size 3, stored")

        for size in [6, 3] {
            try load.run { breathe(0.3) }
            let before = shards.taken()
            try Self.resize(shards, to: size, under: &load)
            try load.expectNoRefusal("size \(size)")
            try load.check("size \(size)")
            try cluster.flush()
            if size == 6 { #expect(shards.takers(since: before).count == 6) }
        }

        shards.settle()
        try load.run { breathe(0.3) }
        try cluster.flush()
        // Readers hear of it with the next heartbeat.
        breathe(2)
        for (index, ingester) in cluster.ingesters.enumerated() where !small.contains(index) {
            ingester.killNow()
        }
        // One in each zone is dead, and this tenant does not notice.
        try load.run { breathe(0.5) }
        try load.expectNoRefusal("half of the ingesters dead")
        try load.check("half of the ingesters dead")
        let other = try cluster.queriers[0].queries(tenant: "other")
            .get("/api/v1/query", [("query", "up")])
        #expect(other.status != 200, "a tenant on all ingesters misses some: \(other.text)")
    }

    /// Changes the size under load, and asks both queriers for what was acknowledged before all the while.
    private static func resize(_ shards: Shards, to size: Int, under load: inout ClusterLoad) throws
    {
        let settled = try SettledAnswer(load, of: tenant, in: shards.cluster)
        try settled.expectNoOther("size \(size)") {
            try load.run {
                try shards.resize(size)
                breathe(4)
            }
        }
    }
}
