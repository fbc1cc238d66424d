import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    struct ClusterFaultTests {}
}

extension IntegrationTests.ClusterFaultTests {
    private static let tenant = "faults"

    @Test(.timeLimit(.minutes(4)))
    func `with one ingester killed writes and queries go on, and nothing is lost`() throws {
        let cluster = try LocalCluster()
        var random = SeededGenerator(seed: 8)
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        for round in 0..<4 {
            if round == 2 { try cluster.flush() }
            try Self.lose(
                [cluster.ingesters[round % 3]],
                of: cluster,
                under: &load,
                after: Double.random(in: 0.1...0.5, using: &random),
                "round \(round)"
            )
        }
        try cluster.flush()
        try load.check("all flushed")
    }

    @Test(.timeLimit(.minutes(4)))
    func `with a whole zone killed writes and queries go on, and nothing is lost`() throws {
        let cluster = try LocalCluster(ingestersPerZone: 2)
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        for zone in 1...2 {
            if zone == 2 { try cluster.flush() }
            let victims = Array(cluster.ingesters[2 * zone..<2 * zone + 2])
            try Self.lose(victims, of: cluster, under: &load, after: 0.3, "zone \(zone)")
        }
        try cluster.flush()
        try load.check("all flushed")
    }

    @Test(.timeLimit(.minutes(4)))
    func `an ingester that comes back without its disk loses nothing that was acknowledged`() throws
    {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.5) }
        let victim = cluster.ingesters[1]
        try load.run {
            victim.killNow()
            try FileManager.default.removeItem(atPath: victim.folder.file("data"))
            breathe(0.3)
        }
        try victim.start()
        try cluster.awaitRing()
        try cluster.awaitConnections(tenant: "probe")
        try load.check("its disk is empty")
        try load.run { breathe(0.3) }
        try load.expectNoRefusal("after its return")
        try cluster.flush()
        try load.check("all flushed")
    }

    /// Kills ingesters under load, goes on without them, and has them come back.
    private static func lose(
        _ victims: [EngramProcess],
        of cluster: LocalCluster,
        under load: inout ClusterLoad,
        after wait: Double,
        _ stage: String
    ) throws {
        try load.run {
            breathe(wait)
            for victim in victims { victim.killNow() }
            breathe(0.7)
        }
        try load.expectNoRefusal("\(stage), while they die")
        // Nothing is acknowledged by the others alone that they could not show.
        try load.check("\(stage), without them")
        let before = load.acknowledgedCount
        try load.run { breathe(0.3) }
        try load.expectNoRefusal("\(stage), without them")
        #expect(load.acknowledgedCount > before)
        for victim in victims { try victim.start() }
        try cluster.awaitRing()
        // The next ones die only when the distributors have found these again.
        try cluster.awaitConnections(tenant: "probe")
        try load.check("\(stage), all back")
    }

    @Test(.timeLimit(.minutes(4)))
    func `an ingester that hangs holds up neither writes nor queries`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.5) }
        let victim = cluster.ingesters[2]
        victim.pause()
        // Longer than it takes to find out, and shorter than the time after which its heartbeat would tell.
        try load.run { breathe(4) }
        try load.expectNoRefusal("while one hangs")
        try load.check("one hangs")
        let before = load.acknowledgedCount
        try load.run { breathe(0.5) }
        try load.expectNoRefusal("while one is known to hang")
        #expect(load.acknowledgedCount > before)
        victim.resume()
        try cluster.awaitRing()
        try load.check("it goes on")
    }

    @Test(.timeLimit(.minutes(3)))
    func `kill -9 of all ingesters at once loses no acknowledged sample`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        for round in 0..<3 {
            let ports = cluster.ingesters.map(\.port)
            let flush = Background {
                for port in ports {
                    _ = try? HTTPConnection.send(.post("/ingester/flush"), port: port)
                }
            }
            try load.run {
                breathe(0.4)
                for ingester in cluster.ingesters { ingester.killNow() }
                breathe(0.2)
            }
            try flush.join()
            try cluster.start()
            try load.check("round \(round)")
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func `a rolling restart under load refuses nothing, loses nothing and shows no hole`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.3) }
        let settled = try SettledAnswer(load, of: Self.tenant, in: cluster)
        for (round, ingester) in cluster.ingesters.enumerated() {
            try settled.expectNoOther("round \(round)") {
                try load.run {
                    #expect(try ingester.stop() == 0)
                    breathe(0.3)
                    try ingester.start()
                    try cluster.awaitRing()
                }
            }
            try load.expectNoRefusal("round \(round)")
            try load.check("round \(round)")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `without a quorum nothing is acknowledged, and no query shows a hole`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.3) }
        for ingester in cluster.ingesters.dropFirst() { ingester.killNow() }

        var body = WriteRequestEncoder()
        let time = Moment.now
        for number in 0..<20 {
            let labels = Labels([("__name__", "refused"), ("number", String(number))])
            body.add(labels, timestamp: time, value: 1)
        }
        let write = try cluster.send(HTTPRequest.push(body).tenant(Self.tenant))
        #expect(write.status == 503, "\(write.status) \(write.text)")
        #expect(write.headers["retry-after"] != nil)
        #expect(!write.text.isEmpty)
        for querier in cluster.queriers {
            let answer = try querier.queries(tenant: Self.tenant).get(
                "/api/v1/query",
                [("query", "count(count_over_time(load[5h]))")]
            )
            if answer.status == 200 {
                #expect(answer.text.contains("\"warnings\":"), "\(answer.text)")
            } else {
                #expect([422, 500, 503].contains(answer.status), "\(answer.text)")
                #expect(answer.text.contains("\"error\":\""), "\(answer.text)")
            }
        }

        try cluster.start()
        try load.check("all back")
        #expect(try cluster.send(HTTPRequest.push(body).tenant(Self.tenant)).status == 204)
    }

    @Test(.timeLimit(.minutes(4)))
    func `without the database writes go on, and all is there when it is back`() throws {
        let cluster = try LocalCluster()
        var load = ClusterLoad(cluster, tenant: Self.tenant)
        try load.run { breathe(0.3) }
        try cluster.flush()
        try load.run { breathe(0.3) }
        try load.check("before")

        cluster.postgres.stopImmediately()
        try load.run { breathe(1) }
        try load.expectNoRefusal("without the database")
        let before = load.acknowledgedCount
        breathe(2)
        try load.run { breathe(0.5) }
        try load.expectNoRefusal("without the database for a while")
        #expect(load.acknowledgedCount > before)
        for querier in cluster.queriers {
            // The catalog cannot be asked, and a gap must not be shown.
            let answer = try querier.queries(tenant: Self.tenant).get(
                "/api/v1/query",
                [("query", "count_over_time(load[5h])")]
            )
            if answer.status == 200 {
                try load.check("recent samples without the database")
            } else {
                #expect([422, 500, 503].contains(answer.status), "\(answer.text)")
                #expect(answer.text.contains("\"error\":\""), "\(answer.text)")
            }
        }
        let flush = try cluster.ingesters[0].send(.post("/ingester/flush"))
        #expect(flush.status == 503)
        #expect(!flush.text.isEmpty)
        for process in cluster.all { #expect(process.isRunning) }

        try cluster.postgres.startAgain()
        try cluster.awaitRing()
        try eventually(within: 60, "answers after the outage", every: 0.3) {
            (try? load.check("back")) != nil
        }
        try eventually(within: 60, "a flush after the outage", every: 0.3) {
            (try? cluster.flush()) != nil
        }
        try load.check("flushed after the outage")
        #expect(Set(try cluster.stop()) == [0])
        try cluster.start()
        try load.check("restarted")
    }
}
