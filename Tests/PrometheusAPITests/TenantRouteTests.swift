import HTTPTypes
import MetricsModel
import Testing

@testable import PrometheusAPI

/// `X-Scope-OrgID` on both sides.
@Suite struct TenantRouteTests {
    private func series(_ value: Double) -> [(Labels, [(Int64, Double)])] {
        [(["__name__": "up"], [(TestNode.now, value)])]
    }

    @Test func `tenants with the same series see only their own`() async throws {
        let node = TestNode()
        try await node.serve(authentication: .header) { client async throws in
            #expect(try await client.push(series(1), tenant: "a").status == 204)
            #expect(try await client.push(series(2), tenant: "b").status == 204)
            for turn in 0..<2 {
                for (tenant, value) in [("a", "1"), ("b", "2")] {
                    let answer = try await client.get("/api/v1/query?query=up", tenant: tenant)
                    #expect(
                        answer.body.contains(
                            #"[{"metric":{"__name__":"up"},"value":[1700000000,"\#(value)"]}]"#
                        )
                    )
                }
                let other = try await client.get("/api/v1/query?query=up", tenant: "c")
                #expect(other.body.contains(#""result":[]"#))
                // The second time out of blocks.
                if turn == 0 {
                    #expect(try await client.post("/ingester/flush").status == 204)
                    #expect(node.store.blockCount == 2)
                }
            }
            let both = try await client.get("/api/v1/query?query=up", tenant: "b|a")
            #expect(
                both.body.contains(
                    #"{"__name__":"up","__tenant_id__":"a"},"value":[1700000000,"1"]}"#
                )
            )
            #expect(
                both.body.contains(
                    #"{"__name__":"up","__tenant_id__":"b"},"value":[1700000000,"2"]}"#
                )
            )
        }
    }

    @Test func `without a tenant nothing is answered`() async throws {
        try await TestNode().serve(authentication: .header) { client async throws in
            for tenant in [nil, ""] {
                let push = try await client.push(series(1), tenant: tenant)
                #expect((push.status, push.body) == (401, "no org id\n"))
                for uri in [
                    "query?query=up", "query_range?query=up&start=1&end=2&step=1",
                    "series?match[]=up", "labels", "label/job/values", "metadata",
                ] {
                    let answer = try await client.get("/api/v1/\(uri)", tenant: tenant)
                    #expect(answer.status == 401)
                    #expect(
                        answer.body
                            == #"{"status":"error","errorType":"bad_data","error":"no org id"}"#
                    )
                }
            }
        }
    }

    @Test(arguments: ["a b", "a/b", "..", "__markers__", String(repeating: "x", count: 151), "é"])
    func `a name that is none is refused on both sides`(tenant: String) async throws {
        try await TestNode().serve(authentication: .header) { client async throws in
            #expect(try await client.push(series(1), tenant: tenant).status == 400)
            #expect(try await client.get("/api/v1/labels", tenant: tenant).status == 400)
        }
    }

    @Test func `a write has one tenant only`() async throws {
        try await TestNode().serve(authentication: .header) { client async throws in
            let answer = try await client.push(series(1), tenant: "a|b")
            #expect(answer.status == 400)
        }
    }

    @Test func `without authentication the header is not read`() async throws {
        try await TestNode().serve { client async throws in
            #expect(try await client.push(series(1), tenant: "a|/").status == 204)
            let answer = try await client.get("/api/v1/query?query=up", tenant: "..")
            #expect(answer.body.contains(#""1""#))
        }
    }
}
