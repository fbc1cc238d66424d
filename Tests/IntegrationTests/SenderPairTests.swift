import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    /// Two senders of the same series, and distributors that agree through the store on whose samples are taken.
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil), .timeLimit(.minutes(4)))
    struct SenderPairTests {}
}

extension IntegrationTests.SenderPairTests {
    private static let tenant = "pair"
    /// Milliseconds between scrapes.
    private static let step: Int64 = 200
    /// How much later the second sender scrapes.
    private static let offset: Int64 = 90

    /// One server of a pair: a scrape of three series in each step, sent when its time has come.
    private struct Sender {
        let replica: String
        let port: Int
        /// Milliseconds since the Unix epoch, of the first scrape.
        let start: Int64
        private(set) var statuses: [Int: Int] = [:]
        /// Of the last scrape that was answered.
        private(set) var last: Int64 = 0

        init(_ replica: String, port: Int, start: Int64) {
            self.replica = replica
            self.port = port
            self.start = start
        }

        mutating func run(until stop: StopFlag) throws {
            for scrape in 0... as PartialRangeFrom<Int64> {
                let time = start + scrape * step
                while Moment.now < time, !stop.isSet { breathe(0.005) }
                guard !stop.isSet else { return }
                try send(at: time)
            }
        }

        /// As a Prometheus does: a request that is answered 5xx is sent again.
        private mutating func send(at time: Int64) throws {
            var body = WriteRequestEncoder()
            for series in 0..<3 {
                let labels = Labels([
                    ("__name__", "scraped_total"), ("series", String(series)), ("cluster", "eu"),
                    ("__replica__", replica),
                ])
                body.add(labels, timestamp: time, value: Double(time - start) / 1000)
            }
            for _ in 0..<200 {
                let answer = try HTTPConnection.send(
                    HTTPRequest.push(body).tenant(tenant),
                    port: port
                )
                statuses[answer.status, default: 0] += 1
                guard answer.status >= 500 else {
                    last = time
                    return
                }
                breathe(0.05)
            }
            throw TestSupportError("\(replica) is refused: \(statuses)")
        }
    }

    @Test func `each sample is there once, and none is missing after the elected sender stops`()
        throws
    {
        let cluster = try LocalCluster([
            "--limits-accept-ha-samples", "true", "--ha-tracker-failover-timeout", "3s",
            "--ha-tracker-sample-failover-timeout", "3s", "--ha-tracker-update-timeout", "500ms",
            "--ha-tracker-update-jitter", "100ms", "--ha-tracker-poll-interval", "300ms",
        ])
        try cluster.awaitConnections(tenant: "probe")
        let start = Moment.now / 1000 * 1000 + 1000
        let (stopFirst, stopSecond) = (StopFlag(), StopFlag())
        func background(_ sender: Sender, _ stop: StopFlag) -> Background<Sender> {
            Background {
                var sender = sender
                try sender.run(until: stop)
                return sender
            }
        }
        // Each sends to a distributor of its own, which knows of the other one through the store alone.
        let ports = cluster.distributors.map(\.port)
        let first = background(Sender("one", port: ports[0], start: start), stopFirst)
        try eventually(within: 30, "election of the first") {
            try elected(in: cluster.distributors[0]) == "one"
        }
        let second = background(
            Sender("two", port: ports[1], start: start + Self.offset),
            stopSecond
        )
        breathe(4)
        #expect(try elected(in: cluster.distributors[1]) == "one")
        stopFirst.set()
        let one = try first.join()
        try eventually(within: 60, "failover", every: 0.1) {
            try cluster.distributors.allSatisfy { try elected(in: $0) == "two" }
        }
        breathe(2)
        stopSecond.set()
        let two = try second.join()

        #expect(Set(one.statuses.keys) == [204])
        #expect((two.statuses[202] ?? 0) > 10 && (two.statuses[204] ?? 0) > 5, "\(two.statuses)")
        for querier in cluster.queriers {
            let found = try querier.queries(tenant: Self.tenant)
                .samples("scraped_total", start...two.last)
            #expect(found.count == 3)
            for (number, series) in found.enumerated() {
                #expect(
                    series.metric == [
                        "__name__": "scraped_total", "series": String(number), "cluster": "eu",
                    ]
                )
                let times = (series.values ?? []).map(\.timestamp)
                // All of the first sender, then of the second one what comes after.
                let ofFirst = stride(from: start, through: one.last, by: Int(Self.step))
                let ofSecond = stride(
                    from: start + Self.offset,
                    through: two.last,
                    by: Int(Self.step)
                ).filter { $0 > one.last }
                #expect(times == Array(ofFirst) + ofSecond)
            }
        }
        let deduped = try cluster.distributors[1].metric(
            "engram_distributor_deduped_samples_total",
            where: "cluster=\"eu\""
        )
        #expect(deduped >= 30)
        #expect(
            try cluster.distributors[1].metric("engram_distributor_ha_replayed_samples_total") > 0
        )
    }

    @Test func `an operator sees the pair and elects by hand, and a limit names itself`() throws {
        let engram = try EngramProcess.single([
            "--limits-accept-ha-samples", "true", "--limits-ha-replica-label", "server",
            "--limits-ha-max-clusters", "1", "--auth-mode", "header",
        ])
        func push(_ server: String, cluster: String = "eu") throws -> HTTPAnswer {
            var body = WriteRequestEncoder()
            let labels = Labels([
                ("__name__", "up"), ("cluster", cluster), ("server", server), ("zone", "z"),
            ])
            body.add(labels, timestamp: Moment.now, value: 1)
            return try engram.send(.push(body).tenant(Self.tenant))
        }
        #expect(try push("one").status == 204)
        let other = try push("two")
        #expect(other.status == 202 && other.text.contains("another replica"))
        let third = try push("one", cluster: "us")
        #expect(third.status == 400 && third.text.contains("too_many_ha_clusters"))
        #expect(try elected(in: engram) == "one")
        let page = try engram.send(.get("/distributor/ha_tracker")).text
        #expect(page.contains("<td>eu</td>") && page.contains("two ("))

        let path = "/distributor/ha_tracker?tenant=\(Self.tenant)&cluster=eu&replica=two"
        #expect(try engram.send(.post(path)).status == 204)
        #expect(try push("two").status == 204)
        #expect(try push("one").status == 202)
        // Who is elected is known after a restart, too.
        #expect(try engram.stop() == 0)
        try engram.start()
        #expect(try push("one").status == 202)
        #expect(try elected(in: engram) == "two")
        let labels = try engram.queries(tenant: Self.tenant).get("/api/v1/labels").text
        #expect(labels.contains("zone") && !labels.contains("server"))
    }

    private func elected(in process: EngramProcess) throws -> String? {
        struct Page: Decodable {
            struct Cluster: Decodable {
                var cluster: String
                var replica: String
            }
            var clusters: [Cluster]
        }
        let answer = try process.send(.get("/distributor/ha_tracker?format=json"))
        let page = try JSONDecoder().decode(Page.self, from: Data(answer.body))
        return page.clusters.first?.replica
    }
}
