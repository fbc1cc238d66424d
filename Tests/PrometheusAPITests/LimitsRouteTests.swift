import ClusterInterface
import HTTPTypes
import MetricsModel
import Testing

@testable import PrometheusAPI

/// Limits by tenant, on the way in and out.
@Suite struct LimitsRouteTests {
    @Test func `a tenant sees its own limits`() async throws {
        try await TestNode().serve(authentication: .header) { client async throws in
            let all = try await client.get("/api/v1/user_limits", tenant: "a")
            #expect(all.status == 200)
            #expect(all.headers[.contentType] == "application/json")
            #expect(all.body == #"{"of":"a","a_number":7,"a_list":["x","y\""]}"#)
            let own = try await client.get("/api/v1/user-overrides", tenant: "b")
            #expect(own.body == #"{"of":"b"}"#)
            #expect(own.headers[.eTag] == "\"7\"" && all.headers[.eTag] == "\"0\"")
            let sources = try await client.get("/api/v1/user-overrides?sources=1", tenant: "b")
            #expect(sources.body == #"{"of":{"value":"b","source":"api"}}"#)
            for path in ["/api/v1/user_limits", "/api/v1/user-overrides"] {
                #expect(try await client.get(path).status == 401)
                #expect(try await client.get(path, tenant: "a|b").status == 400)
            }
        }
    }

    @Test func `writes are checked by the limits of their tenant, as they are now`() async throws {
        var limits = TenantLimits()
        limits.maxLabelNamesPerSeries = 1
        let narrow = limits
        let node = TestNode(limits: LimitsTable(overrides: [try TenantID("narrow"): narrow]))
        let series: [(Labels, [(Int64, Double)])] = [
            (["__name__": "up", "job": "a"], [(TestNode.now, 1)])
        ]
        try await node.serve(authentication: .header) { client async throws in
            #expect(try await client.push(series, tenant: "wide").status == 204)
            let refused = try await client.push(series, tenant: "narrow")
            #expect(refused.status == 400)
            #expect(refused.body.contains("series has 2 labels, limit 1"))
            // What was found valid before the change is checked again after it.
            node.limits.replace(overrides: [try TenantID("wide"): narrow])
            #expect(try await client.push(series, tenant: "narrow").status == 204)
            #expect(try await client.push(series, tenant: "wide").status == 400)
        }
    }

    @Test func `more than the tenant's rate is a 429 that says when to come again`() async throws {
        var limits = TenantLimits()
        limits.ingestionRate = 1
        limits.ingestionBurstSize = 2
        let table = LimitsTable(overrides: [try TenantID("slow"): limits])
        let series: [(Labels, [(Int64, Double)])] = [
            (["__name__": "up"], [(TestNode.now - 1, 1), (TestNode.now, 1)])
        ]
        try await TestNode(limits: table).serve(authentication: .header) { client async throws in
            #expect(try await client.push(series, tenant: "slow").status == 204)
            let refused = try await client.push(series, tenant: "slow")
            #expect(refused.status == 429)
            #expect(refused.headers[.retryAfter] == "2")
            #expect(refused.body.hasPrefix("rate_limited: 2 samples"))
            #expect(try await client.push(series, tenant: "other").status == 204)
            #expect(try await client.push(series, tenant: "other").status == 204)
        }
    }

    @Test func `a feature is on for a query when it is on for each of its tenants`() async throws {
        func features(_ names: String...) -> TenantLimits {
            var limits = TenantLimits()
            limits.promqlFeatures = names
            return limits
        }
        let both = features("promql-extended-range-selectors", "promql-experimental-functions")
        let limits = LimitsTable(
            defaults: features("promql-extended-range-selectors"),
            overrides: [
                try TenantID("a"): both, try TenantID("b"): both, try TenantID("c"): features(),
            ]
        )
        let experimental = "query?query=mad_over_time(up[5m])"
        let extended = "query?query=rate(up[5m]%20anchored)"
        try await TestNode(limits: limits).serve(authentication: .header) { client async throws in
            let queries: [(String, String, Int)] = [
                (experimental, "a", 200), (experimental, "a|b", 200), (experimental, "c", 400),
                (experimental, "a|c", 400), (experimental, "other", 400),
                (experimental, "a|d", 400), (extended, "a|other", 200), (extended, "c", 400),
                (extended, "a|b|c", 400),
            ]
            for (path, tenant, status) in queries {
                let answer = try await client.get("/api/v1/\(path)", tenant: tenant)
                #expect(answer.status == status, "\(path) of \(tenant): \(answer.body)")
            }
            let syntax: [(String, String?, Int)] = [
                ("format_\(experimental)", "a", 200), ("format_\(experimental)", "c", 400),
                ("format_\(experimental)", nil, 400), ("parse_\(extended)", nil, 200),
                ("parse_\(extended)", "c", 400), ("parse_\(extended)", "a b", 400),
            ]
            for (path, tenant, status) in syntax {
                let answer = try await client.get("/api/v1/\(path)", tenant: tenant)
                #expect(answer.status == status, "\(path) of \(tenant ?? "none"): \(answer.body)")
            }
        }
    }
}
