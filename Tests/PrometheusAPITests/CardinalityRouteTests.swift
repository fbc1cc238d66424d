import Foundation
import MetricsModel
import Querying
import Testing

@testable import PrometheusAPI

@Suite struct CardinalityRouteTests {
    private static let hour: Int64 = 3_600_000
    private static let now = TestNode.now

    private static func push(_ client: Client, tenant: String? = nil) async throws {
        let answer = try await client.push(
            [
                (["__name__": "up", "job": "a"], [(now - 60_000, 1)]),
                (["__name__": "up", "job": "b"], [(now - hour, 1)]),
                (["__name__": "errors", "job": "b", "code": "500"], [(now - 60_000, 1)]),
                (["__name__": "old", "job": "c"], [(now - 30 * hour, 1)]),
            ],
            tenant: tenant
        )
        try #require(answer.status == 204, "\(answer.body)")
    }

    private static let statistics = """
        {"status":"success","data":{"headStats":{"numSeries":3,"numLabelPairs":5,"chunkCount":3,\
        "minTime":1699996400000,"maxTime":1699999940000},\
        "seriesCountByMetricName":[{"name":"up","value":2},{"name":"errors","value":1}],\
        "labelValueCountByLabelName":[{"name":"__name__","value":2},{"name":"job","value":2},\
        {"name":"code","value":1}],\
        "memoryInBytesByLabelName":[{"name":"__name__","value":10},{"name":"code","value":3},\
        {"name":"job","value":3}],\
        "seriesCountByLabelValuePair":[{"name":"__name__=up","value":2},{"name":"job=b","value":2},\
        {"name":"__name__=errors","value":1},{"name":"code=500","value":1},{"name":"job=a","value":1}],\
        "countedRange":{"start":1699913600000,"end":9223372036854775807}}}
        """

    @Test func `status of the last day has Prometheus' shape, the same in memory and in blocks`()
        async throws
    {
        let node = TestNode()
        try await node.serve { client in
            try await Self.push(client)
            for prefix in QueryAPI.prefixes {
                let answer = try await client.get("\(prefix)/status/tsdb")
                #expect(answer.status == 200)
                #expect(answer.body == Self.statistics)
            }
            #expect(try await client.post("/ingester/flush").status == 204)
            #expect(node.store.blockCount > 0)
            #expect(try await client.get("/api/v1/status/tsdb").body == Self.statistics)
        }
    }

    @Test func `limit, start and end choose what is shown and counted`() async throws {
        try await TestNode().serve { client in
            try await Self.push(client)
            let all = try await client.get("/api/v1/status/tsdb?start=0&limit=1")
            #expect(all.body.contains("\"numSeries\":4"))
            #expect(
                all.body.contains("\"seriesCountByMetricName\":[{\"name\":\"up\",\"value\":2}]")
            )
            let end = (Self.now - 2 * Self.hour) / 1000
            let old = try await client.get("/api/v1/status/tsdb?start=0&end=\(end)")
            #expect(old.body.contains("\"numSeries\":1"))
            let none = try await client.get("/api/v1/status/tsdb?start=5&end=6")
            #expect(none.body.contains("\"numSeries\":0,\"numLabelPairs\":0,\"chunkCount\":0"))
            #expect(
                none.body.contains(
                    "\"minTime\":9223372036854775807,\"maxTime\":-9223372036854775808"
                )
            )
        }
    }

    @Test func `label names have Mimir's shape`() async throws {
        try await TestNode().serve { client in
            try await Self.push(client)
            let expected = """
                {"label_values_count_total":5,"label_names_count":3,"cardinality":[\
                {"label_name":"__name__","label_values_count":2},{"label_name":"job","label_values_count":2},\
                {"label_name":"code","label_values_count":1}]}
                """
            for prefix in QueryAPI.prefixes {
                #expect(
                    try await client.get("\(prefix)/cardinality/label_names").body == expected
                )
            }
            #expect(
                try await client.post(
                    "/api/v1/cardinality/label_names",
                    "selector=%7Bjob%3D%22b%22%7D&limit=1&count_method=active"
                ).body == """
                    {"label_values_count_total":3,"label_names_count":3,"cardinality":[\
                    {"label_name":"__name__","label_values_count":1}]}
                    """
            )
        }
    }

    @Test func `label values have Mimir's shape`() async throws {
        try await TestNode().serve { client in
            try await Self.push(client)
            let answer = try await client.get(
                "/prometheus/api/v1/cardinality/label_values?label_names[]=code&label_names[]=job&selector=%7B%7D"
            )
            #expect(
                answer.body == """
                    {"series_count_total":3,"labels":[\
                    {"label_name":"job","label_values_count":2,"series_count":3,"cardinality":[\
                    {"label_value":"b","series_count":2},{"label_value":"a","series_count":1}]},\
                    {"label_name":"code","label_values_count":1,"series_count":1,"cardinality":[\
                    {"label_value":"500","series_count":1}]}]}
                    """
            )
        }
    }

    @Test func `active series are those with a sample in the last 20 minutes`() async throws {
        try await TestNode().serve { client in
            try await Self.push(client)
            let answer = try await client.get(
                "/api/v1/cardinality/active_series?selector=%7Bjob=~%22.%2B%22%7D"
            )
            #expect(
                answer.body == """
                    {"status":"success","data":[{"__name__":"errors","code":"500","job":"b"},\
                    {"__name__":"up","job":"a"}]}
                    """
            )
            let cut = try await client.get(
                "/api/v1/cardinality/active_series?selector=%7Bjob=~%22.%2B%22%7D&limit=1"
            )
            #expect(cut.body.contains("results truncated due to limit"))
        }
    }

    @Test(arguments: [
        ("status/tsdb?limit=0", "limit"), ("status/tsdb?limit=1000001", "1000000"),
        ("status/tsdb?start=5&end=4", "end"), ("status/tsdb?start=x", "start"),
        ("cardinality/label_names?limit=-1", "limit"),
        ("cardinality/label_names?count_method=guess", "inmemory"),
        ("cardinality/label_names?selector=%7Ba=%7D", "selector"),
        ("cardinality/label_values", "label_names[]"),
        ("cardinality/label_values?label_names[]=", "label_names[]"),
        ("cardinality/active_series", "selector"),
    ])
    func `wrong parameters are named`(path: String, named: String) async throws {
        try await TestNode().serve { client in
            let answer = try await client.get("/api/v1/\(path)")
            #expect(answer.status == 400)
            #expect(answer.body.contains("\"bad_data\"") && answer.body.contains(named))
        }
    }

    @Test func `more series than may be counted are 422, with what to do`() async throws {
        let change = { @Sendable (settings: inout QueryingSettings) in
            settings.maximumCountedSeries = 2
        }
        try await TestNode().serve(change: change) { client in
            try await Self.push(client)
            let answer = try await client.get("/api/v1/status/tsdb")
            #expect(answer.status == 422)
            #expect(answer.body.contains("more than 2 series"))
            #expect(try await client.get("/api/v1/status/tsdb?selector=errors").status == 200)
        }
    }

    @Test func `a tenant is required where tenants are told apart, and several are joined`()
        async throws
    {
        try await TestNode().serve(authentication: .header) { client in
            try await Self.push(client, tenant: "x")
            try await Self.push(client, tenant: "y")
            #expect(try await client.get("/api/v1/status/tsdb").status == 401)
            let one = try await client.get("/api/v1/status/tsdb", tenant: "x")
            #expect(one.body.contains("\"numSeries\":3"))
            let both = try await client.get("/api/v1/status/tsdb", tenant: "x|y")
            #expect(both.body.contains("\"numSeries\":6"))
            #expect(both.body.contains("{\"name\":\"__tenant_id__=x\",\"value\":3}"))
        }
    }

    @Test func `days tell what the catalog knows, and whether it is exact`() async throws {
        let node = TestNode()
        try await node.serve { client in
            // Noon, two days before now, in two windows: in one block each.
            let noon = Self.now / (24 * Self.hour) * 24 * Self.hour - 36 * Self.hour
            for (offset, jobs) in [(0, ["a", "b"]), (2, ["b", "c", "d"])] as [(Int64, [String])] {
                let samples = jobs.map { job -> (Labels, [(Int64, Double)]) in
                    (["__name__": "up", "job": job], [(noon + offset * Self.hour + 1000, 1)])
                }
                #expect(try await client.push(samples).status == 204)
            }
            let other: Labels = ["__name__": "errors"]
            #expect(try await client.push([(other, [(noon + 1000, 1)])]).status == 204)
            #expect(try await client.post("/ingester/flush").status == 204)
            #expect(node.store.blockCount == 2)
            let answer = try await client.get(
                "/api/v1/cardinality/days?start=\(noon / 1000)&end=\(noon / 1000)"
            )
            #expect(
                answer.body == """
                    {"status":"success","data":[{"day":"2023-11-12",\
                    "series":{"at_least":3,"at_most":6,"exact":false},"samples_at_most":6,"metric_count":2,\
                    "metrics":[{"metric_name":"up","series":{"at_least":3,"at_most":5,"exact":false},\
                    "samples_at_most":5},{"metric_name":"errors",\
                    "series":{"at_least":1,"at_most":1,"exact":true},"samples_at_most":1}]}]}
                    """
            )
            let week = try await client.get(
                "/prometheus/api/v1/cardinality/days?metric_names[]=errors"
            )
            #expect(week.body.components(separatedBy: "\"day\"").count == 8)
            #expect(!week.body.contains("\"up\""))
            let long = try await client.get("/api/v1/cardinality/days?start=0")
            #expect(long.status == 422 && long.body.contains("at most 400"))
            node.store.setAway(true)
            #expect(try await client.get("/api/v1/cardinality/days").status == 503)
        }
    }
}
