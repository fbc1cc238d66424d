import ClusterInterface
import Foundation
import HTTPTypes
import MetricsModel
import Testing

@testable import PrometheusAPI

@Suite struct DiscardsRouteTests {
    private struct Answer: Decodable {
        struct Series: Decodable {
            var reason: String
            var kind: String
            var series: String?
            var message: String
            var limit: String?
            var limitValue: String?
            var count: Int
            var firstTime: Double
            var lastTime: Double
        }

        var status: String
        var data: [Series]
    }

    private let path = "/api/v1/discarded"

    private func series(
        _ labels: Labels,
        at time: Int64 = TestNode.now
    ) -> (Labels, [(Int64, Double)]) {
        (labels, [(time, 1)])
    }

    private func list(
        _ client: Client,
        _ query: String = "",
        tenant: String
    ) async throws
        -> [Answer.Series]
    {
        let answer = try await client.get(path + query, tenant: tenant)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        let decoded = try JSONDecoder().decode(Answer.self, from: Data(answer.body.utf8))
        #expect(decoded.status == "success")
        return decoded.data
    }

    @Test func `a tenant sees what was refused of its series, why, and by which limit`()
        async throws
    {
        var limits = TenantLimits()
        limits.maxLabelValueLength = 5
        limits.maxSeries = 1
        let node = TestNode(limits: LimitsTable(defaults: limits))
        try await node.serve(authentication: .header) { client async throws in
            #expect(try await list(client, tenant: "a").isEmpty)
            let pushed = [
                series(["__name__": "up"]), series(["__name__": "up", "job": "longer"]),
                series(["job": "a"]), series(["__name__": "more"]),
            ]
            #expect(try await client.push(pushed, tenant: "a").status == 400)
            #expect(try await client.push(pushed, tenant: "a").status == 400)
            let found = try await list(client, tenant: "a")
            #expect(
                found.map(\.reason) == [
                    "per_user_series_limit", "missing_metric_name", "label_value_too_long",
                ]
            )
            #expect(found.allSatisfy { $0.kind == "sample" && $0.count == 2 })
            #expect(found.allSatisfy { $0.lastTime == Double(TestNode.now) / 1000 })
            #expect(found[0].series == #"{__name__="more"}"#)
            #expect(found[0].limit == "limits.maxSeries")
            #expect(found[0].limitValue == "1")
            #expect(found[0].message.contains("limits.maxSeries 1 on each ingester"))
            #expect(found[1].limit == nil)
            #expect(found[2].series == #"{__name__="up", job="longer"}"#)
            #expect(found[2].limitValue == "5")
            #expect(found[2].message == #"value of label "job" has 6 bytes, limit 5"#)
            let some = try await list(client, "?reason=missing_metric_name", tenant: "a")
            #expect(some.map(\.reason) == ["missing_metric_name"])
            #expect(try await list(client, "?reason=sample-too-old", tenant: "a").isEmpty)
            // Others see nothing of it.
            #expect(try await list(client, tenant: "b").isEmpty)
            #expect(try await client.get(path + "?reason=made-up", tenant: "a").status == 400)
            #expect(try await client.get(path).status == 401)
            #expect(try await client.get(path, tenant: "a|b").status == 400)
        }
    }

    @Test func `labels of any content come back as JSON`() async throws {
        let strange = "\"}],\\ \u{0}\n\u{1b}[2J</script>\u{2028}\u{202e}🙂"
        try await TestNode().serve(authentication: .header) { client async throws in
            let labels: Labels = [strange: strange, "b": String(repeating: "é", count: 1000)]
            #expect(try await client.push([series(labels)], tenant: "a").status == 400)
            let answer = try await client.get(path, tenant: "a")
            #expect(!answer.body.contains("</script>"))
            #expect(!answer.body.utf8.contains { $0 < 0x20 })
            let found = try await list(client, tenant: "a")
            let text = try #require(found.first?.series)
            #expect(text.contains(strange))
            #expect(text.utf8.count <= 1003)
            #expect(text.hasSuffix("…"))
        }
    }

    @Test func `what an ingester refuses is there too, and exemplars`() async throws {
        try await TestNode(maximumExemplars: 5).serve(authentication: .header) {
            client async throws in
            _ = try await client.push([series(["__name__": "up"])], tenant: "a")
            let old = series(["__name__": "up"], at: TestNode.now - 86_400_001)
            #expect(try await client.push([old], tenant: "a").status == 400)
            let found = try await list(client, tenant: "a")
            #expect(found.map(\.reason) == ["sample-too-old"])
            #expect(found[0].limit == "limits.lateWindow")
            #expect(found[0].limitValue == "86400s")
        }
    }

    @Test func `a request over the rate is there without a series`() async throws {
        var limits = TenantLimits()
        limits.ingestionRate = 1
        limits.ingestionBurstSize = 1
        let node = TestNode(limits: LimitsTable(defaults: limits))
        try await node.serve(authentication: .header) { client async throws in
            for _ in 0..<3 {
                _ = try await client.push([series(["__name__": "up"])], tenant: "a")
            }
            let found = try await list(client, tenant: "a")
            #expect(found.map(\.reason) == ["rate_limited"])
            #expect(found[0].series == nil)
            #expect(found[0].count == 2)
            #expect(found[0].limitValue == "1")
        }
    }
}
