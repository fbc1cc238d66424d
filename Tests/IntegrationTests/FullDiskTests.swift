import TestSupport
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: SmallDisk.isPossible)) struct FullDiskTests {}
}

extension IntegrationTests.FullDiskTests {
    @Test(.timeLimit(.minutes(3)))
    func
        `a full disk stops writes with a reason, loses nothing, and writes go on once there is room`()
        throws
    {
        // Room for three segments: a killed process leaves one at its full size, and the next needs another. The
        // database is on another disk.
        let disk = try SmallDisk(megabytes: 200)
        let folder = try ScratchFolder("full-disk")
        let engram = try EngramProcess.single(
            ["--store-url", "sqlite:" + folder.file("engram.db")],
            dataDirectory: disk.path + "/data"
        )
        var writer = LoadWriter(name: "w", start: Moment.windowBorder, ports: [engram.port])
        #expect(writer.run(until: StopFlag(), atMost: 20) == nil)
        try disk.fill()
        // A flush begins a new segment, which has no room; the flush itself may fail because of that.
        _ = try engram.send(.post("/ingester/flush"))
        var refusal: HTTPAnswer?
        try eventually(within: 30, "a failure of the log") {
            if let answer = writer.run(until: StopFlag(), atMost: 1) { refusal = answer }
            return try engram.metric("engram_ingester_wal_failures_total") >= 1
        }
        let refused = try #require(refusal)
        #expect(refused.status == 503)
        #expect(refused.text.contains("No space left on device"))
        #expect(try writer.faults(in: engram.queries()).isEmpty)
        try disk.makeRoom()
        try eventually(within: 60, "writes") {
            writer.run(until: StopFlag(), atMost: 1) == nil
        }
        #expect(writer.run(until: StopFlag(), atMost: 20) == nil)
        engram.killNow()
        try engram.start()
        #expect(try writer.faults(in: engram.queries()).isEmpty)
        #expect(engram.log.contains("log is written again"))
    }

    @Test(
        .timeLimit(.minutes(4)),
        .enabled(if: ThrowawayPostgres.unavailableReason == nil)
    )
    func `an ingester with a full disk is READONLY in the ring, and ACTIVE once there is room`()
        throws
    {
        let disk = try SmallDisk(megabytes: 200)
        let cluster = try LocalCluster(dataDirectories: ["b": disk.path + "/data"])
        var load = ClusterLoad(cluster, tenant: "disk")
        try load.run { breathe(0.3) }
        try disk.fill()
        try load.run {
            // A flush begins a new segment, which has no room.
            _ = try cluster.ingesters[1].send(.post("/ingester/flush"))
            try cluster.awaitRing(1, "READONLY")
        }
        // The two others are a quorum.
        try load.run { breathe(0.3) }
        try load.expectNoRefusal("while one disk is full")
        try load.check("while one disk is full")
        try disk.makeRoom()
        try cluster.awaitRing()
        try load.run { breathe(0.3) }
        try load.expectNoRefusal("with room again")
        try load.check("with room again")
    }
}
