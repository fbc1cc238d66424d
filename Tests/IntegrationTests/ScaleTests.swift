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
        let end = load.end
        let settled = try cluster.queriers[0].queries(tenant: Self.tenant)
            .samples("load", end - 120_000...end)
        #expect(!settled.isEmpty)

        let stop = StopFlag()
        let asking = cluster.queriers.map { querier in
            let client = querier.queries(tenant: Self.tenant)
            return Background { () -> (asked: Int, different: Int) in
                var count = (asked: 0, different: 0)
                while !stop.isSet {
                    let answer = try client.samples("load", end - 120_000...end)
                    count.asked += 1
                    if answer != settled { count.different += 1 }
                    breathe(0.05)
                }
                return count
            }
        }
        let outcome = Result {
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
        stop.set()
        for querier in asking {
            let (asked, different) = try querier.join()
            #expect(asked > 0)
            #expect(different == 0, "\(different) of \(asked) answers differ")
        }
        try outcome.get()
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
