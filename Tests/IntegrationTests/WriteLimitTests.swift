import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    /// Rates, counts of series and relabelling, by whole processes.
    @Suite(.timeLimit(.minutes(3))) struct WriteLimitTests {}
}

extension IntegrationTests.WriteLimitTests {
    private func request(
        _ series: Range<Int>,
        _ metric: String = "m",
        at time: Int64 = Moment.now
    ) -> WriteRequestEncoder {
        var body = WriteRequestEncoder()
        for number in series {
            let labels = Labels([
                (Labels.metricName, metric), ("n", "\(number)"), ("replica", "r"),
            ])
            body.add(labels, timestamp: time, value: 1)
        }
        return body
    }

    @Test func `a tenant's rate, series and rules hold, and what was refused can be looked up`()
        throws
    {
        let folder = try ScratchFolder("write-limits")
        try folder.write(
            """
            overrides:
              slow: {ingestion_rate: 1, ingestion_burst_size: 10}
              few:
                max_series_per_user: 5
              mended:
                drop_labels: [replica]
                metric_relabel_configs:
                  - {source_labels: [__name__], regex: debug_.*, action: drop}
            """,
            to: "overrides.yaml"
        )
        let engram = try EngramProcess.single([
            "--auth-mode", "header", "--limits-overrides-file", folder.file("overrides.yaml"),
        ])
        func push(_ body: WriteRequestEncoder, _ tenant: String) throws -> HTTPAnswer {
            try engram.send(.push(body).tenant(tenant))
        }
        #expect(try push(request(0..<10), "slow").status == 204)
        let limited = try push(request(0..<10), "slow")
        #expect(limited.status == 429)
        let seconds = try #require(limited.headers["retry-after"].flatMap(Int.init))
        #expect((1...10).contains(seconds))

        #expect(try push(request(0..<5), "few").status == 204)
        let full = try push(request(0..<7), "few")
        #expect(full.status == 400)
        #expect(full.text.contains("per_user_series_limit 2"), "\(full.text)")
        #expect(try push(request(0..<5), "few").status == 204)
        let listed = try engram.send(.get("/api/v1/discarded").tenant("few")).text
        #expect(listed.contains(#""limit":"limits.maxSeries","limitValue":"5""#), "\(listed)")
        #expect(listed.contains(#"n=\"6\""#), "\(listed)")
        let discarded = "engram_distributor_samples_discarded_total"
        #expect(try engram.metric(discarded, where: "tenant=\"few\"") == 2)
        #expect(try engram.metric(discarded, where: "tenant=\"slow\"") == 10)

        for _ in 0..<2 {
            #expect(try push(request(0..<3), "mended").status == 204)
            #expect(try push(request(0..<3, "debug_m"), "mended").status == 204)
        }
        #expect(try engram.metric(discarded, where: "tenant=\"mended\"") == 6)
        let range = (Moment.now - 60_000)...(Moment.now + 1000)
        let queries = engram.queries(tenant: "mended")
        #expect(try queries.samples("m{replica=\"\"}", range).count == 3)
        #expect(try queries.samples("{n!=\"\"}", range).count == 3)
        // Known series go on after a restart, with a log that is read.
        #expect(try engram.stop() == 0)
        try engram.start()
        #expect(try push(request(0..<5, at: Moment.now), "few").status == 204)
        #expect(try engram.stop() == 0)
    }

    @Test func `distributors know how many live, and a cluster's limit on series holds on all`()
        throws
    {
        let cluster = try LocalCluster(ingesters: ["--limits-max-global-series", "20"])
        let live = "engram_distributor_live_distributors"
        for distributor in cluster.distributors {
            try eventually(within: 30, "two distributors in \(distributor.log)", every: 0.1) {
                try distributor.metric(live) == 2
            }
        }
        #expect(try cluster.distributors[1].stop() == 0)
        try eventually(within: 30, "one distributor", every: 0.1) {
            try cluster.distributors[0].metric(live) == 1
        }
        try cluster.distributors[1].start()
        try cluster.awaitRing()
        try cluster.awaitConnections(tenant: "probe")

        // As many ingesters as copies: each has every series.
        #expect(try cluster.send(.push(request(0..<20)).tenant("t")).status == 204)
        let full = try cluster.send(.push(request(10..<25)).tenant("t"))
        #expect(full.status == 400)
        #expect(full.text.contains("per_user_series_limit 5"), "\(full.text)")
        let listed = try cluster.send(.get("/api/v1/discarded").tenant("t")).text
        #expect(listed.contains("\"reason\":\"per_user_series_limit\""), "\(listed)")
        #expect(try cluster.stop().allSatisfy { $0 == 0 })
    }
}
