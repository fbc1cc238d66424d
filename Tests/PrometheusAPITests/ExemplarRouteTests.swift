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
}
