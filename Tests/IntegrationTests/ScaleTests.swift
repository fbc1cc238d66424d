import TestSupport
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    struct ScaleTests {}
}

extension IntegrationTests.ScaleTests {
    private static let tenant = "scale"

    @Test(.timeLimit(.minutes(4)))
    func
        `an ingester that joins under load takes samples at once, and leaves, and no query differs`()
        throws
    {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.3) }
        let settled = try SettledAnswer(load, of: Self.tenant, in: cluster)
        try settled.expectNoOther("an ingester comes and goes") {
            let newcomer = try cluster.ingester("ingester-a2", zone: "a")
            try load.run {
                try newcomer.start()
                try cluster.awaitRing(4, "ACTIVE")
                try eventually(within: 20, "samples for the new ingester", every: 0.05) {
                    try newcomer.metric("engram_ingester_samples_appended_total") > 0
                }
                breathe(0.3)
            }
            try load.expectNoRefusal("while one joins")
            try load.check("one has joined")
            try load.run {
                #expect(try newcomer.stop() == 0)
                try cluster.awaitRing()
                breathe(0.2)
            }
            try load.expectNoRefusal("while it leaves")
            try load.check("it has left")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `of two processes with one identity the older stops itself, and nothing is lost`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.3) }
        let older = cluster.ingesters[0]
        let newer = try cluster.ingester("ingester-a", zone: "a")
        try load.run {
            try newer.start()
            #expect(try older.exitStatus(within: 30) == 1)
            breathe(0.3)
        }
        try load.expectNoRefusal("while one takes the other's place")
        #expect(older.log.contains("another process has taken"), "\(older.log)")
        try cluster.awaitRing()
        try load.check("the newer serves")
        #expect(try newer.metric("engram_ingester_samples_appended_total") > 0)
        // The older comes again, as a supervisor would have it: now it is the newer one.
        try load.run {
            try older.start()
            #expect(try newer.exitStatus(within: 30) == 1)
        }
        try cluster.awaitRing()
        try load.check("the older serves again, with its log")
    }
}
