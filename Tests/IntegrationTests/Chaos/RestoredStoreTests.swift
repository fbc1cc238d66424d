import TestSupport
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    struct RestoredStoreTests {}
}

extension IntegrationTests.RestoredStoreTests {
    @Test(.timeLimit(.minutes(4)))
    func `ingesters that the store knows under older epochs, or not at all, register again`() throws
    {
        let cluster = try ChaosCluster()
        // Each comes for the second time.
        for ingester in cluster.ingesters {
            ingester.killNow()
            try ingester.launch()
        }
        try cluster.awaitReady()
        let load = ChaosLoad(cluster, tenants: 1)
        let report = ChaosReport()
        let (writes, reads) = try load.run {
            breathe(1)
            // As a backup of before the second start would have it.
            try cluster.postgres.query(
                "update ring_members set epoch = 1; update ring_epochs set epoch = 1",
                url: cluster.storeURL
            )
            try eventually(within: 30, "a new epoch of each", every: 0.1) {
                try Self.epochs(cluster) == [2, 2, 2]
            }
            try cluster.awaitReady()
            try cluster.postgres.query(
                "delete from ring_members; delete from ring_epochs",
                url: cluster.storeURL
            )
            try eventually(within: 30, "rows of all", every: 0.1) {
                try Self.epochs(cluster) == [1, 1, 1]
            }
            try cluster.awaitReady()
            try load.awaitWriters(report)
        }
        for ingester in cluster.ingesters { #expect(ingester.isRunning) }
        #expect(reads.faults.isEmpty)
        #expect(Set(writes.refusals.keys).isSubset(of: [503]), "\(writes.texts)")
        try load.checkEverything(report, "after the store went back")
    }

    private static func epochs(_ cluster: ChaosCluster) throws -> [Int] {
        try cluster.postgres.query(
            "select epoch from ring_members order by instance",
            url: cluster.storeURL
        ).split(separator: "\n").compactMap { Int($0) }
    }
}
