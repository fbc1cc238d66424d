import MetricsModel
import TestSupport
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    struct RingOperationsTests {}
}

extension IntegrationTests.RingOperationsTests {
    private static let tenant = "operators"

    @Test(.timeLimit(.minutes(4)))
    func `an ingester is made read-only, stays so over a restart, and leaves on request`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.3) }
        let ingester = cluster.ingesters[0]

        #expect(try ingester.send(.get("/ingester/mode")).text == "ACTIVE\n")
        #expect(try ingester.send(.post("/ingester/mode?mode=sleepy")).status == 400)
        #expect(try ingester.send(.post("/ingester/mode?mode=READONLY")).text == "READONLY\n")
        try cluster.awaitRing(1, "READONLY")
        try load.run { breathe(0.3) }
        try load.check("one is read-only")
        #expect(try ingester.stop() == 0)
        try ingester.launch()
        try cluster.awaitRing(1, "READONLY")
        try load.check("read-only after a restart")
        let shown = try Self.ring(cluster)
        #expect(shown.status == 0)
        #expect(shown.text.contains("READONLY"), "\(shown.text)")

        #expect(try ingester.send(.post("/ingester/mode?mode=ACTIVE")).text == "ACTIVE\n")
        try cluster.awaitRing()
        try cluster.awaitConnections(tenant: "probe")

        let leaving = cluster.ingesters[2]
        try load.run {
            let answer = try leaving.send(.post("/ingester/shutdown"))
            #expect(answer.status == 204)
        }
        try load.check("one has left")
        #expect(leaving.isRunning)
        #expect(try leaving.send(.get("/ready")).status == 503)
        let left = try Self.ring(cluster).text
        #expect(!left.contains("ingester-c"), "\(left)")
        #expect(try leaving.stop() == 0)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a living ingester is not forgotten, a dead one only on demand`() throws {
        let cluster = try LocalCluster()
        func forget(_ arguments: [String]) throws -> (status: Int32, text: String) {
            try Self.ring(cluster, ["forget", "ingester-b"] + arguments)
        }
        let living = try forget(["--replication-factor", "3"])
        #expect(living.status == 1)
        #expect(living.text.contains("ingester-b stays: its last heartbeat is"), "\(living.text)")
        #expect(try forget(["--force"]).status == 1)
        #expect(try forget([]).status == 64)

        cluster.ingesters[1].killNow()
        let timeout = ["--dead-after", "1"]
        // Dead for less than the margin: others may not have noticed.
        try eventually(within: 20, "death", every: 0.2) {
            try Self.ring(cluster, timeout).text.contains("ingester-b is dead and kept")
        }
        #expect(try forget(["--replication-factor", "3"] + timeout).status == 1)
        let forced = try forget(["--force"] + timeout)
        #expect(forced.status == 0)
        #expect(forced.text.contains("ingester-b is forgotten, although"), "\(forced.text)")
        // It comes back under the tokens that its process chooses anew, and serves what its log has.
        try cluster.ingesters[1].start()
        try cluster.awaitRing()
    }

    private static func ring(
        _ cluster: LocalCluster,
        _ arguments: [String] = []
    ) throws -> (status: Int32, text: String) {
        let folder = try ScratchFolder("ring")
        let program = try RunningProgram(
            command: [try Executable.engram.path, "ring"] + arguments
                + ["--store-url", cluster.storeURL, "--data-directory", folder.file("data")],
            log: folder.file("log")
        )
        let status = try program.exitStatus(within: 30)
        return (status, folder.tail(of: "log"))
    }
}
