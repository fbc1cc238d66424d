import HTTPTypes
import Ingestion
import MetricsModel
import Testing

@testable import PrometheusAPI

@Suite struct OperationsRouteTests {
    @Test(arguments: [
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "a_metric 1\n"),
        ("/ready", 503, "text/plain; charset=utf-8", "not yet\n"),
        ("/live", 200, "text/plain; charset=utf-8", "live\n"),
        ("/config", 200, "application/yaml; charset=utf-8", "key: value\n"),
        (
            "/runtime_config", 200, "application/yaml; charset=utf-8",
            "overrides:\n  a:\n    lateWindow: 24h\n"
        ),
        (
            "/runtime_config?mode=diff", 200, "application/yaml; charset=utf-8",
            "overrides: {}\n"
        ),
        (
            "/runtime_config?mode=all", 400, "text/plain; charset=utf-8",
            "unknown mode; expected diff, or none at all\n"
        ),
    ])
    func `operators are answered`(
        path: String,
        status: Int,
        type: String,
        body: String
    ) async throws {
        try await TestNode().serve(authentication: .header) { client async throws in
            let answer = try await client.get(path)
            #expect(answer.status == status)
            #expect(answer.headers[.contentType] == type)
            #expect(answer.body == body)
        }
    }

    @Test func `the start page names everything that is served`() async throws {
        try await TestNode().serve { client async throws in
            let page = try await client.get("/")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            for path in ["/x", "/ready", "/live", "/metrics", "/config", "/runtime_config"] {
                #expect(page.body.contains("<a href=\"\(path)\">"))
            }
        }
    }

    @Test func `the ring is shown as JSON`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get("/ingester/ring")
            #expect(
                answer.body == #"{"members":[{"instance":"one","state":"ACTIVE","zone":"z\"","#
                    + #""address":"h:1","http_address":"http://h:2","tokens":2,"#
                    + #""heartbeat_age_ms":5}]}"#
            )
        }
    }

    @Test func `a flush on demand stores everything, or says why not`() async throws {
        let node = TestNode()
        try await node.serve { client async throws in
            #expect(
                try await client.push([(["__name__": "up"], [(TestNode.now, 1)])]).status == 204
            )
            node.store.setAway(true)
            let failed = try await client.post("/ingester/flush")
            #expect(failed.status == 503)
            #expect(failed.body.contains("tenant anonymous: the store does not answer: no answer"))
            node.store.setAway(false)
            #expect(try await client.get("/ingester/flush").status == 204)
            #expect(node.store.blockCount == 1)
            #expect(try await client.get("/api/v1/query?query=up").body.contains(#""1""#))
        }
    }
}
