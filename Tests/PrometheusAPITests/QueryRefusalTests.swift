import HTTPTypes
import Ingestion
import MetricsModel
import NIOCore
import Testing

@testable import PrometheusAPI

/// Requests that are refused, with upstream's texts.
@Suite struct QueryRefusalTests {
    private static let badData: [(String, String)] = [
        (
            "query?query=up%7B",
            #"invalid parameter \"query\": 1:4: parse error: unexpected end of input inside braces"#
        ),
        (
            "query",
            #"invalid parameter \"query\": unknown position: parse error: no expression found in input"#
        ),
        (
            "query?query=up&time=x",
            #"invalid parameter \"time\": cannot parse \"x\" to a valid timestamp"#
        ),
        (
            "query?query=up&timeout=x",
            #"invalid parameter \"timeout\": cannot parse \"x\" to a valid duration"#
        ),
        (
            "query_range?query=up&end=1&step=1",
            #"invalid parameter \"start\": cannot parse \"\" to a valid timestamp"#
        ),
        (
            "query_range?query=up&start=1&step=1",
            #"invalid parameter \"end\": cannot parse \"\" to a valid timestamp"#
        ),
        (
            "query_range?query=up&start=2&end=1&step=1",
            #"invalid parameter \"end\": end timestamp must not be before start time"#
        ),
        (
            "query_range?query=up&start=1&end=2",
            #"invalid parameter \"step\": cannot parse \"\" to a valid duration"#
        ),
        (
            "query_range?query=up&start=1&end=2&step=0",
            #"invalid parameter \"step\": zero or negative query resolution step widths are not "#
                + "accepted. Try a positive integer"
        ),
        (
            "query_range?query=up&start=1&end=2&step=-1",
            #"invalid parameter \"step\": zero or negative query resolution step widths are not "#
                + "accepted. Try a positive integer"
        ),
        (
            "query_range?query=up&start=1&end=2&step=1e10",
            #"invalid parameter \"step\": cannot parse \"1e10\" to a valid duration. "#
                + "It overflows int64"
        ),
        (
            "query_range?query=up&start=0&end=11001&step=1",
            "exceeded maximum resolution of 11,000 points per timeseries. "
                + "Try decreasing the query resolution (?step=XX)"
        ),
        (
            "query_range?query=up&start=-1e300&end=1e300&step=1",
            "exceeded maximum resolution of 11,000 points per timeseries. "
                + "Try decreasing the query resolution (?step=XX)"
        ),
        (
            "query_range?query=up%5B5m%5D&start=0&end=1&step=1",
            #"invalid expression type \"range vector\" for range query, must be Scalar or "#
                + "instant Vector"
        ),
        ("series", "no match[] parameter provided"),
        (
            "series?match[]=%7B__name__%3D~%22.*%22%7D",
            "match[] must contain at least one non-empty matcher"
        ),
        (
            "labels?start=5&end=1",
            #"invalid parameter \"end\": end timestamp must not be before start time"#
        ),
        (
            "labels?start=x",
            #"invalid parameter \"start\": cannot parse \"x\" to a valid timestamp"#
        ),
        ("label/U__a_zz_/values", #"invalid label name: \"U__a_zz_\""#),
        ("label/U__/values", #"invalid label name: \"U__\""#),
    ]

    @Test(arguments: badData)
    func `what is wrong is bad data, with a text`(uri: String, text: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get("/api/v1/\(uri)")
            #expect(answer.status == 400)
            #expect(
                answer.body
                    == #"{"status":"error","errorType":"bad_data","error":""# + text + #""}"#
            )
            #expect(answer.headers[.contentType] == "application/json")
        }
    }

    @Test(arguments: ["limit=-1", "limit=x", "limit=1.5"])
    func `a limit is a number of at least 0`(limit: String) async throws {
        try await TestNode().serve { client async throws in
            for uri in ["query?query=up", "series?match[]=up", "labels?", "label/a/values?"] {
                let answer = try await client.get("/api/v1/\(uri)&\(limit)")
                #expect(answer.status == 400)
                #expect(answer.body.contains(#""errorType":"bad_data""#))
            }
        }
    }

    @Test func `11,000 points are still taken`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get(
                "/api/v1/query_range?query=vector(1)&start=0&end=11000.999&step=1"
            )
            #expect(answer.status == 200)
            // Both ends count: one more point than steps.
            #expect(answer.body.split(separator: #","1"]"#).count == 11_001 + 1)
        }
    }

    @Test func `what cannot be evaluated is an execution error`() async throws {
        try await TestNode().serve { client async throws in
            _ = try await client.push([
                (["__name__": "m", "a": "1"], [(TestNode.now, 1)]),
                (["__name__": "m", "a": "2"], [(TestNode.now, 1)]),
            ])
            let answer = try await client.get("/api/v1/query?query=m+*+on()+m")
            #expect(answer.status == 422)
            #expect(answer.body.hasPrefix(#"{"status":"error","errorType":"execution","error":"#))
        }
    }

    @Test func `a store that is away is unavailable, with its text`() async throws {
        let node = TestNode()
        node.store.setAway(true)
        try await node.serve { client async throws in
            let answer = try await client.get("/api/v1/query?query=up")
            #expect(answer.status == 503)
            #expect(
                answer.body == #"{"status":"error","errorType":"unavailable","error":""#
                    + #"the store does not answer: no answer"}"#
            )
        }
    }

    @Test func `an ingester that starts makes the answer unavailable, and is named`() async throws {
        try await TestNode(life: .starting).serve { client async throws in
            let answer = try await client.get("/api/v1/labels")
            #expect(answer.status == 503)
            #expect(answer.body.contains("one: ingester takes no reads: it is starting"))
        }
    }

    @Test func `time that is over is a timeout`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get("/api/v1/query?query=up&timeout=0")
            #expect(answer.status == 503)
            #expect(
                answer.body == #"{"status":"error","errorType":"timeout","error":""#
                    + #"query timed out in query execution"}"#
            )
        }
    }

    @Test func `a form larger than any query is refused`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.post(
                "/api/v1/query",
                "query=" + String(repeating: "1", count: 4 << 20)
            )
            #expect(answer.status == 413)
            #expect(answer.body.contains(#""errorType":"bad_data""#))
        }
    }

    @Test func `other methods and paths are not found`() async throws {
        try await TestNode().serve { client async throws in
            let answers = [
                try await client.post("/api/v1/label/job/values"),
                try await client.get("/api/v1/nothing"), try await client.get("/api/v1/push"),
            ]
            #expect(answers.allSatisfy { $0.status == 404 })
        }
    }
}
