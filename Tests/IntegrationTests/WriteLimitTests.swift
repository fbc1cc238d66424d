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

    @Test func `a cluster keeps as much metadata and as many exemplars as a tenant may have`()
        throws
    {
        let cluster = try LocalCluster(
            [
                "--limits-max-global-exemplars", "4", "--limits-max-metadata-length", "20",
                "--limits-max-global-metadata", "2", "--limits-max-global-metadata-per-metric", "1",
            ],
            ingesters: [
                "--limits-max-global-metadata", "2", "--limits-max-global-exemplars", "4",
                "--limits-max-global-metadata-per-metric", "1",
            ]
        )
        try cluster.awaitConnections(tenant: "probe")
        let now = Moment.now
        var body = WireWriter()
        body.message(1) { series in
            series.label("__name__", "m")
            series.sample(now, 1)
            for number in Int64(0)..<9 {
                series.exemplar([("id", "\(number)")], now - 9 + number, 1)
            }
        }
        for name in ["a", "b", "c", "d"] { body.metadata(kind: 1, name: name, help: "helps") }
        body.metadata(kind: 1, name: "a", help: "other")
        body.metadata(kind: 1, name: "e", help: String(repeating: "h", count: 21))
        let answer = try cluster.send(.push(body.compressed).tenant("t"))
        #expect(answer.status < 300, "\(answer.text)")

        // As many ingesters as copies: each has every metric and every exemplar.
        let refused = "engram_ingester_metadata_refused_total"
        for ingester in cluster.ingesters {
            try eventually(within: 20, "refusals in \(ingester.log)", every: 0.1) {
                try ingester.metric(refused, where: "per_user_metadata_limit") == 2
                    && ingester.metric(refused, where: "per_metric_metadata_limit") == 1
            }
        }
        let queries = cluster.queriers[0].queries(tenant: "t")
        let metadata = try queries.metadata()
        #expect(metadata.keys.sorted() == ["a", "b"])
        #expect(metadata["a"]?.map(\.help) == ["helps"])
        let range = (now - 60_000)...(now + 1000)
        #expect(try queries.samples("m", range).count == 1)
        let exemplars = try queries.exemplars("m", range)
        #expect(exemplars.flatMap(\.exemplars).count == 4)
        let listed = try cluster.send(.get("/api/v1/discarded").tenant("t")).text
        #expect(listed.contains(#""reason":"help_too_long""#), "\(listed)")
        #expect(listed.contains(#""limit":"limits.maxMetadataLength","limitValue":"20""#))
        #expect(
            listed.contains(#""limit":"limits.maxGlobalMetadata","limitValue":"2""#),
            "\(listed)"
        )
        #expect(
            listed.contains(#""limit":"limits.maxGlobalMetadataPerMetric","limitValue":"1""#),
            "\(listed)"
        )
        let discarded = "engram_distributor_metadata_discarded_total"
        let distributor = cluster.distributors[0]
        #expect(try distributor.metric(discarded, where: "per_user_metadata_limit") == 2)
        #expect(try distributor.metric(discarded, where: "per_metric_metadata_limit") == 1)
        #expect(try cluster.stop().allSatisfy { $0 == 0 })
    }
}
