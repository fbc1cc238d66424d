import HTTPTypes
import MetricsModel
import Testing

@testable import PrometheusAPI

@Suite struct QueryRouteTests {
    static let prefixes = ["/prometheus/api/v1", "/api/prom/api/v1", "/api/v1"]
    static let time = TestNode.now - 60_000
    /// `up` of two jobs, every 15 s for a minute.
    static let series: [(Labels, [(Int64, Double)])] = ["a", "b"].map { job in
        (
            ["__name__": "up", "job": job],
            (0...4).map { (time + Int64($0) * 15_000, job == "a" ? 1 : Double($0) / 4) }
        )
    }

    @Test(arguments: prefixes)
    func `every prefix has every route, by GET and by POST`(prefix: String) async throws {
        try await serve { client async throws in
            let vector =
                #"{"status":"success","data":{"resultType":"vector","result":["#
                + #"{"metric":{"__name__":"up","job":"a"},"value":[1700000000,"1"]},"#
                + #"{"metric":{"__name__":"up","job":"b"},"value":[1700000000,"1"]}]}}"#
            #expect(try await client.get("\(prefix)/query?query=up").body == vector)
            #expect(try await client.post("\(prefix)/query", "query=up").body == vector)
            #expect(try await client.post("\(prefix)/query?query=up").body == vector)

            let range = "query=sum(up)&start=1699999940&end=1699999970.500&step=15.5"
            let matrix =
                #"{"status":"success","data":{"resultType":"matrix","result":["#
                + #"{"metric":{},"values":[[1699999940,"1"],[1699999955.500,"1.25"]]}]}}"#
            let get = try await client.get("\(prefix)/query_range?\(range)")
            #expect(get.body == matrix)
            #expect(get.headers[.contentType] == "application/json")
            #expect(try await client.post("\(prefix)/query_range", range).body == matrix)

            let list =
                #"{"status":"success","data":[{"__name__":"up","job":"a"},"#
                + #"{"__name__":"up","job":"b"}]}"#
            #expect(try await client.get("\(prefix)/series?match[]=up").body == list)
            #expect(try await client.post("\(prefix)/series", "match%5B%5D=up").body == list)

            let names = #"{"status":"success","data":["__name__","job"]}"#
            #expect(try await client.get("\(prefix)/labels").body == names)
            #expect(try await client.post("\(prefix)/labels", "").body == names)

            let answer1 = try await client.get("\(prefix)/label/job/values").body
            #expect(answer1 == #"{"status":"success","data":["a","b"]}"#)
            let answer2 = try await client.get("\(prefix)/metadata").body
            #expect(answer2 == #"{"status":"success","data":{}}"#)
            let answer3 = try await client.get("\(prefix)/format_query?query=sum(up)by(job)").body
            #expect(answer3 == #"{"status":"success","data":"sum by (job) (up)"}"#)
            let build = try await client.get("\(prefix)/status/buildinfo")
            #expect(build.status == 200)
            #expect(
                build.body.hasPrefix(
                    #"{"status":"success","data":{"application":"Engram","version":"1.2.3","#
                )
            )
        }
    }

    @Test(arguments: [
        ("scalar(up{job=\"a\"})", #""resultType":"scalar","result":[1700000000,"1"]"#),
        ("\"te<xt\"", #""resultType":"string","result":[1700000000,"te\u003cxt"]"#),
        (
            "up{job=\"b\"}[31s]",
            #""resultType":"matrix","result":[{"metric":{"__name__":"up","job":"b"},"values":"#
                + #"[[1699999970,"0.5"],[1699999985,"0.75"],[1700000000,"1"]]}]"#
        ),
        ("nothing", #""resultType":"vector","result":[]"#),
        ("1/0", #""resultType":"scalar","result":[1700000000,"+Inf"]"#),
        ("-1e-7", #""resultType":"scalar","result":[1700000000,"-1e-07"]"#),
    ])
    func `each type of result has its form`(query: String, data: String) async throws {
        try await serve { client async throws in
            let answer = try await client.post("/api/v1/query", "query=" + Self.escaped(query))
            #expect(answer.body == #"{"status":"success","data":{"# + data + "}}")
        }
    }

    @Test(arguments: [
        ("time=1699999970", #"[1699999970,"0.5"]"#),
        ("time=1699999970.999", #"[1699999970.999,"0.5"]"#),
        ("time=2023-11-14T22:12:50Z", #"[1699999970,"0.5"]"#),
        ("time=2023-11-14T23:12:50%2B01:00", #"[1699999970,"0.5"]"#),
        ("time=1699999970&time=5", #"[1699999970,"0.5"]"#),
        ("time=", #"[1700000000,"1"]"#),
        ("time=1700000100&lookback_delta=101", #"[1700000100,"1"]"#),
        ("time=1700000100&lookback_delta=2m", #"[1700000100,"1"]"#),
        ("time=1699999970&timeout=30s", #"[1699999970,"0.5"]"#),
        ("time=1699999970&limit=0", #"[1699999970,"0.5"]"#),
    ])
    func `an instant query takes its parameters`(parameters: String, value: String) async throws {
        try await serve { client async throws in
            let answer = try await client.get(
                "/api/v1/query?query=up%7Bjob%3D%22b%22%7D&\(parameters)"
            )
            #expect(answer.body.contains(#""value":"# + value), "\(answer.body)")
        }
    }

    @Test(arguments: [
        "time=1e300", "time=-1e300", "time=9223372036854775.807", "time=-292273086-05-16T16:47:06Z",
        "time=292277025-08-18T07:12:54.999999999Z", "time=9.1e15", "time=-9.1e15",
    ])
    func `times beyond all clocks are clamped and answered`(time: String) async throws {
        try await serve { client async throws in
            for query in [
                "up", "up offset 1h", "up offset -1h", "rate(up[5m])", "max_over_time(up[1h:1m])",
            ] {
                let answer = try await client.get(
                    "/api/v1/query?\(time)&query=\(Self.escaped(query))"
                )
                #expect(answer.status == 200, "\(query): \(answer.body)")
            }
        }
    }

    @Test func `each step is counted when everything is asked for`() async throws {
        try await serve { client async throws in
            let answer = try await client.get(
                "/api/v1/query_range?query=up&stats=all&start=1700000000&end=1700000015&step=15"
            )
            #expect(
                answer.body.contains(#""samples":{"totalQueryableSamplesPerStep":[[1700000000,"#),
                "\(answer.body)"
            )
            #expect(answer.body.contains(#""samplesReadPerStep":[[1700000000,"#))
        }
    }

    @Test(arguments: [
        "query?time=1700000000", "query_range?start=1700000000&end=1700000060&step=15",
    ])
    func `a plan comes instead of an answer where it is asked for`(path: String) async throws {
        try await serve { client async throws in
            let query = Self.escaped("sum by (job) (up) + 1 * 2")
            let answer = try await client.get("/api/v1/\(path)&query=\(query)&explain=1")
            #expect(answer.status == 200)
            #expect(
                answer.body.hasPrefix(
                    #"{"status":"success","data":{"resultType":"explain","explain":{"plan":{"#
                        + #""text":"sum by (job) (up) + 2","type":"vector","method":"streamed","#
                ),
                "\(answer.body)"
            )
            #expect(answer.body.contains(#""estimate":{"series":2,"atMost":false,"samples":"#))
            #expect(answer.body.contains(#""text":"sum by (job) (up) + 2\n  "#))
            #expect(!answer.body.contains("actual"))
            let refused = try await client.get("/api/v1/\(path)&query=up&explain=2")
            #expect(refused.status == 400)
        }
    }

    @Test func `a trace comes beside the answer where it is asked for`() async throws {
        try await serve { client async throws in
            let answer = try await client.get("/api/v1/query?query=sum(up)&trace=1&time=1700000000")
            #expect(answer.body.contains(#""resultType":"vector","result":["#))
            #expect(answer.body.contains(#","trace":{"plan":{"text":"sum(up)","#), "\(answer.body)")
            #expect(answer.body.contains(#""actual":{"evaluations":1,"elements":1,"samplesRead":"#))
            #expect(answer.body.contains(#""actual":{"series":2,"samplesRead":"#))
            let without = try await client.get(
                "/api/v1/query?query=sum(up)&trace=0&time=1700000000"
            )
            #expect(!without.body.contains("trace"))
        }
    }

    @Test(arguments: ["true", "x"])
    func `statistics come when they are asked for`(parameter: String) async throws {
        try await serve { client async throws in
            let answer = try await client.get("/api/v1/query?query=up&stats=\(parameter)")
            #expect(
                answer.body.hasSuffix(
                    #"},"samples":{"totalQueryableSamples":2,"samplesRead":10,"peakSamples":2}}}}"#
                ),
                "\(answer.body)"
            )
            #expect(answer.body.contains(#","stats":{"timings":{"evalTotalTime":"#))
            let without = try await client.get("/api/v1/query?query=up&stats=")
            #expect(!without.body.contains("stats"))
        }
    }

    @Test func `answers are cut off at a limit, with a warning`() async throws {
        let warning = #","warnings":["results truncated due to limit"]}"#
        try await serve { client async throws in
            for uri in [
                "query?query=up&limit=1",
                "query_range?query=up&start=1700000000&end=1700000000&step=1&limit=1",
                "series?match[]=up&limit=1", "labels?limit=1", "label/job/values?limit=1",
            ] {
                let cut = try await client.get("/api/v1/\(uri)")
                #expect(cut.status == 200)
                #expect(cut.body.hasSuffix(warning), "\(cut.body)")
                #expect(!cut.body.contains(#""b""#))
                let whole = try await client.get(
                    "/api/v1/\(uri.replacing("limit=1", with: "limit=2"))"
                )
                #expect(!whole.body.contains("warnings"))
            }
        }
    }

    @Test func `warnings and infos of the evaluation are shown`() async throws {
        try await serve { client async throws in
            let quantile = try await client.get("/api/v1/query?query=quantile(7,up)")
            #expect(quantile.body.contains(#","warnings":["PromQL warning: quantile value"#))
            let rate = try await client.get("/api/v1/query?query=rate(up%5B1m%5D)")
            #expect(rate.body.contains(#","infos":["PromQL info: "#))
        }
    }

    @Test func `metadata is asked over a range, both ends included`() async throws {
        try await serve { client async throws in
            let at = "start=1700000000&end=1700000000"
            let past = "end=1699999939.999"
            let future = "start=1700000000.001"
            for uri in ["series?match[]=up&", "labels?", "label/job/values?"] {
                let now = try await client.get("/api/v1/\(uri)\(at)")
                #expect(now.body != #"{"status":"success","data":[]}"#)
                for range in [past, future] {
                    let answer = try await client.get("/api/v1/\(uri)\(range)")
                    #expect(answer.body == #"{"status":"success","data":[]}"#)
                }
            }
            let selector = Self.escaped("up{job=\"a\"}")
            let values = try await client.get(
                "/api/v1/label/job/values?match[]=\(selector)&match[]=nothing"
            )
            #expect(values.body == #"{"status":"success","data":["a"]}"#)
        }
    }

    @Test func `label names in paths are unescaped`() async throws {
        let series: [(Labels, [(Int64, Double)])] = [
            (["__name__": "m", "a.b": "dotted", "c d": "spaced"], [(TestNode.now, 1)])
        ]
        try await serve(series) { client async throws in
            let escaped = try await client.get("/api/v1/label/U__a_2e_b/values").body
            #expect(escaped == #"{"status":"success","data":["dotted"]}"#)
            let answer4 = try await client.get("/api/v1/label/a.b/values").body
            #expect(answer4 == #"{"status":"success","data":["dotted"]}"#)
            let answer5 = try await client.get("/api/v1/label/c%20d/values").body
            #expect(answer5 == #"{"status":"success","data":["spaced"]}"#)
        }
    }

    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }

    private func serve(
        _ series: [(Labels, [(Int64, Double)])] = Self.series,
        _ body: @Sendable @escaping (Client) async throws -> Void
    ) async throws {
        try await TestNode().serve { client async throws in
            #expect(try await client.push(series).status == 204)
            try await body(client)
        }
    }
}
