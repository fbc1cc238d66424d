import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import PrometheusAPI

@Suite struct ExemplarRouteTests {
    @Test(arguments: QueryRouteTests.prefixes)
    func `there are no exemplars of any selector`(prefix: String) async throws {
        try await TestNode().serve { client async throws in
            let parameters = "query=test&start=1600000000000&end=1600000600000"
            let empty = #"{"status":"success","data":[]}"#
            let get = try await client.get("\(prefix)/query_exemplars?\(parameters)")
            #expect(get.status == 200)
            #expect(get.body == empty)
            #expect(try await client.post("\(prefix)/query_exemplars", parameters).body == empty)
        }
    }

    @Test(arguments: [
        ("query=1%2Btime()", 200, #"{"status":"success"}"#),
        ("query=sum(rate(a%5B5m%5D))%2B1", 200, #"{"status":"success","data":[]}"#),
        ("query=-(topk(scalar(a),vector(1)))", 200, #"{"status":"success","data":[]}"#),
        (
            "query=a&start=2&end=1", 400,
            #"{"status":"error","errorType":"bad_data","error":"#
                + #""end timestamp must not be before start timestamp"}"#
        ),
        (
            "query=a&start=x", 400,
            #"{"status":"error","errorType":"bad_data","error":"#
                + #""invalid parameter \"start\": cannot parse \"x\" to a valid timestamp"}"#
        ),
        (
            "query=a%7B", 400,
            #"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": "#
                + #"1:3: parse error: unexpected end of input inside braces"}"#
        ),
    ])
    func `parameters are checked`(parameters: String, status: Int, body: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get("/api/v1/query_exemplars?\(parameters)")
            #expect(answer.status == status)
            #expect(answer.body == body)
        }
    }

    /// Two series of one metric with exemplars, and one that is too long.
    private static var request: WireWriter {
        var writer = WireWriter()
        for (pod, offset) in [("b", Int64(0)), ("a", 500)] {
            writer.message(1) { series in
                series.label("__name__", "latency_bucket")
                series.label("pod", pod)
                series.sample(TestNode.now, 1)
                series.exemplar([("trace_id", "t\"\(pod)")], TestNode.now - offset, 0.25)
                series.exemplar([("trace_id", "later")], TestNode.now, .infinity)
            }
        }
        return writer
    }

    @Test func `exemplars come back by series and time, before and after a flush`() async throws {
        let node = TestNode(maximumExemplars: 10)
        try await node.serve { client async throws in
            let answer = try await client.push(Self.request)
            #expect(answer.status == 204)
            #expect(answer.exemplarsWritten == "4")
            let expected =
                #"{"status":"success","data":[{"seriesLabels":{"__name__":"latency_bucket","pod":"a"},"#
                + #""exemplars":[{"labels":{"trace_id":"t\"a"},"value":"0.25","timestamp":1699999999.500},"#
                + #"{"labels":{"trace_id":"later"},"value":"+Inf","timestamp":1700000000}]},"#
                + #"{"seriesLabels":{"__name__":"latency_bucket","pod":"b"},"#
                + #""exemplars":[{"labels":{"trace_id":"t\"b"},"value":"0.25","timestamp":1700000000},"#
                + #"{"labels":{"trace_id":"later"},"value":"+Inf","timestamp":1700000000}]}]}"#
            let query =
                "query=histogram_quantile(0.9,sum+by(le)(rate(latency_bucket%5B5m%5D)))"
                + "&start=1699999999.5&end=1700000000"
            #expect(try await client.get("/api/v1/query_exemplars?\(query)").body == expected)
            #expect(try await client.post("/ingester/flush").status == 204)
            #expect(node.store.blockCount == 1)
            #expect(
                try await client.post("/prometheus/api/v1/query_exemplars", query).body == expected
            )
            let one = try await client.get(
                "/api/v1/query_exemplars?query=latency_bucket&end=1699999999.9"
            )
            #expect(one.body.contains("1699999999.5"))
            #expect(!one.body.contains("later"))
            let none = try await client.get("/api/v1/query_exemplars?query=other")
            #expect(none.body == #"{"status":"success","data":[]}"#)
        }
    }

    @Test func `exemplars that are refused are told of with success`() async throws {
        try await TestNode(maximumExemplars: 10).serve { client async throws in
            var writer = Self.request
            writer.message(1) { series in
                series.label("__name__", "latency_bucket")
                series.label("pod", "a")
                series.exemplar([("x", String(repeating: "y", count: 128))], TestNode.now, 1)
                series.exemplar([("trace_id", "old")], TestNode.now - 9000, 1)
            }
            let answer = try await client.push(writer)
            #expect(answer.status == 200)
            #expect(answer.exemplarsWritten == "4")
            #expect(
                answer.body.hasPrefix(
                    "labels of the exemplar have 129 characters, limit 128 (exemplar_labels_too_long), "
                )
            )
            #expect(answer.body.contains("exemplar_out_of_order 1"))
        }
    }

    @Test func `where none are kept they are dropped without a word`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.push(Self.request)
            #expect(answer.status == 204)
            #expect(answer.exemplarsWritten == "0")
        }
    }
}

@Suite struct MetadataRouteTests {
    private static var request: WireWriter {
        var writer = WireWriter()
        writer.metadata(kind: 1, name: "requests", help: "All \"requests\".", unit: "")
        writer.metadata(kind: 3, name: "latency", help: "How long.", unit: "seconds")
        writer.metadata(kind: 2, name: "requests", help: "All.", unit: "")
        return writer
    }

    @Test func `metadata comes back by metric, with its limits`() async throws {
        try await TestNode().serve { client async throws in
            #expect(try await client.push(Self.request).status == 204)
            func ask(_ parameters: String) async throws -> String {
                let answer = try await client.get("/prometheus/api/v1/metadata\(parameters)")
                #expect(answer.status == 200)
                return answer.body
            }
            let latency = #""latency":[{"type":"histogram","help":"How long.","unit":"seconds"}]"#
            #expect(
                try await ask("?metric=latency") == #"{"status":"success","data":{"# + latency
                    + "}}"
            )
            #expect(try await ask("?limit=1") == #"{"status":"success","data":{"# + latency + "}}")
            #expect(try await ask("?limit=0") == #"{"status":"success","data":{}}"#)
            #expect(try await ask("?metric=other") == #"{"status":"success","data":{}}"#)
            let all = try await ask("")
            #expect(all.contains(latency))
            #expect(all.contains(#"{"type":"counter","help":"All \"requests\".","unit":""}"#))
            #expect(all.contains(#"{"type":"gauge","help":"All.","unit":""}"#))
            let one = try await ask("?limit_per_metric=1&metric=requests")
            #expect(one.contains("gauge") != one.contains("counter"))
        }
    }

    @Test(arguments: ["limit", "limit_per_metric"])
    func `a limit that is no number is refused`(name: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get("/api/v1/metadata?\(name)=x")
            #expect(answer.status == 400)
            #expect(answer.body.contains("\(name) must be a number"))
        }
    }

    @Test func `tenants do not see each other's metadata`() async throws {
        try await TestNode().serve(authentication: .header) { client async throws in
            #expect(try await client.push(Self.request, tenant: "a").status == 204)
            let own = try await client.get("/api/v1/metadata", tenant: "a").body
            let other = try await client.get("/api/v1/metadata", tenant: "b").body
            let both = try await client.get("/api/v1/metadata", tenant: "a|b").body
            #expect(own.contains("latency"))
            #expect(other == #"{"status":"success","data":{}}"#)
            #expect(both == own)
        }
    }
}

extension Client {
    /// A remote-write request by hand.
    fileprivate func push(_ writer: WireWriter, tenant: String? = nil) async throws -> Answer {
        try await send(
            .post,
            "/api/v1/push",
            tenant: tenant,
            body: ByteBuffer(bytes: writer.compressed)
        ) {
            $0[.contentType] = "application/x-protobuf"
            $0[.contentEncoding] = "snappy"
        }
    }
}

extension Client.Answer {
    fileprivate var exemplarsWritten: String? {
        headers.first { $0.name.rawName == "X-Prometheus-Remote-Write-Exemplars-Written" }?.value
    }
}
