import NIOCore
import PromQL
import Testing

@testable import PrometheusAPI

@Suite struct SyntaxTreeTests {
    private static let plainShift =
        #""offset":0,"offsetExpr":null,"timestamp":null,"startOrEnd":null"#
    private static let plainEdges = #""anchored":false,"smoothed":false"#

    /// The selector of a name without anything else.
    private static func selector(_ name: String) -> String {
        #"{"type":"vectorSelector","name":""# + name
            + #"","matchers":[{"name":"__name__","value":""#
            + name + #"","type":"="}],"# + plainShift + "," + plainEdges + "}"
    }

    private static func number(_ text: String) -> String {
        #"{"type":"numberLiteral","val":""# + text + #""}"#
    }

    private static let cases: [(query: String, tree: String)] = [
        ("up", selector("up")),
        (
            #"up{a="1",b!~"x|<"} offset -5m @ 1.5"#,
            #"{"type":"vectorSelector","name":"up","matchers":[{"name":"a","value":"1","type":"="},"#
                + #"{"name":"b","value":"x|\u003c","type":"!~"},"#
                + #"{"name":"__name__","value":"up","type":"="}],"offset":-300000,"offsetExpr":null,"#
                + #""timestamp":1500,"startOrEnd":null,"# + plainEdges + "}"
        ),
        (
            #"{"a.b"} @ start()"#,
            #"{"type":"vectorSelector","name":"","matchers":["#
                + #"{"name":"__name__","value":"a.b","type":"="}],"offset":0,"offsetExpr":null,"#
                + #""timestamp":null,"startOrEnd":"start","# + plainEdges + "}"
        ),
        (
            "up[5m] smoothed @ end()",
            #"{"type":"matrixSelector","name":"up","matchers":["#
                + #"{"name":"__name__","value":"up","type":"="}],"offset":0,"offsetExpr":null,"#
                + #""timestamp":null,"startOrEnd":"end","anchored":false,"smoothed":true,"#
                + #""range":300000,"rangeExpr":null}"#
        ),
        (
            "up anchored offset (-step() * 2)",
            #"{"type":"vectorSelector","name":"up","matchers":["#
                + #"{"name":"__name__","value":"up","type":"="}],"offset":0,"offsetExpr":"#
                + #"{"type":"durationExpr","op":"*","lhs":{"type":"durationExpr","op":"-","lhs":null,"#
                + #""rhs":{"type":"durationExpr","op":"step","lhs":null,"rhs":null,"wrapped":false},"#
                + #""wrapped":false},"rhs":{"type":"numberLiteral","val":"2","duration":false},"#
                + #""wrapped":true},"timestamp":null,"startOrEnd":null,"#
                + #""anchored":true,"smoothed":false}"#
        ),
        (
            "up[max_of(1m, range())]",
            #"{"type":"matrixSelector","name":"up","matchers":["#
                + #"{"name":"__name__","value":"up","type":"="}],"# + plainShift + "," + plainEdges
                + #","range":0,"rangeExpr":{"type":"durationExpr","op":"max_of","#
                + #""lhs":{"type":"numberLiteral","val":"60","duration":true},"#
                + #""rhs":{"type":"durationExpr","op":"range","lhs":null,"rhs":null,"wrapped":false},"#
                + #""wrapped":false}}"#
        ),
        (
            "up[1h:] offset 1ms",
            #"{"type":"subquery","expr":"# + selector("up")
                + #","range":3600000,"rangeExpr":null,"step":0,"stepExpr":null,"offset":1,"#
                + #""offsetExpr":null,"timestamp":null,"startOrEnd":null}"#
        ),
        (
            "up[1h:step()+1] @ -2",
            #"{"type":"subquery","expr":"# + selector("up")
                + #","range":3600000,"rangeExpr":null,"step":0,"stepExpr":{"type":"durationExpr","#
                + #""op":"+","lhs":{"type":"durationExpr","op":"step","lhs":null,"rhs":null,"#
                + #""wrapped":false},"rhs":{"type":"numberLiteral","val":"1","duration":false},"#
                + #""wrapped":false},"offset":0,"offsetExpr":null,"timestamp":-2000,"#
                + #""startOrEnd":null}"#
        ),
        (
            "topk without(a, b)(3, up)",
            #"{"type":"aggregation","op":"topk","expr":"# + selector("up") + #","param":"#
                + number("3") + #","grouping":["a","b"],"without":true}"#
        ),
        (
            "sum(up)",
            #"{"type":"aggregation","op":"sum","expr":"# + selector("up")
                + #","param":null,"grouping":[],"without":false}"#
        ),
        (
            "1 == bool 2",
            #"{"type":"binaryExpr","op":"==","lhs":"# + number("1") + #","rhs":"# + number("2")
                + #","bool":true,"matching":null}"#
        ),
        (
            "a * on(x) group_left(y) fill_right(1.5) b",
            #"{"type":"binaryExpr","op":"*","lhs":"# + selector("a") + #","rhs":"# + selector("b")
                + #","bool":false,"matching":{"card":"many-to-one","labels":["x"],"on":true,"#
                + #""include":["y"],"fillValues":{"lhs":null,"rhs":1.5}}}"#
        ),
        (
            "a unless b",
            #"{"type":"binaryExpr","op":"unless","lhs":"# + selector("a") + #","rhs":"#
                + selector("b") + #","bool":false,"matching":{"card":"many-to-many","labels":[],"#
                + #""on":false,"include":[],"fillValues":{"lhs":null,"rhs":null}}}"#
        ),
        (
            "label_join(up, \"x\", \"\")",
            #"{"type":"call","func":{"name":"label_join","argTypes":["vector","string","string","#
                + #""string"],"variadic":-1,"returnType":"vector"},"args":["# + selector("up")
                + #",{"type":"stringLiteral","val":"x"},{"type":"stringLiteral","val":""}]}"#
        ),
        (
            "time()",
            #"{"type":"call","func":{"name":"time","argTypes":[],"variadic":0,"#
                + #""returnType":"scalar"},"args":[]}"#
        ),
        ("-up", #"{"type":"unaryExpr","op":"-","expr":"# + selector("up") + "}"),
        (
            "+(up)",
            #"{"type":"unaryExpr","op":"+","expr":{"type":"parenExpr","expr":"# + selector("up")
                + "}}"
        ),
        ("1e-7", number("0.0000001")),
        ("-Inf", number("-Inf")),
        ("1m30s", number("90")),
        (#""a\"\n""#, #"{"type":"stringLiteral","val":"a\"\n"}"#),
    ]

    @Test(arguments: cases)
    func `every node has all its keys`(query: String, tree: String) throws {
        var writer = SyntaxTreeJSON()
        writer.node(try Parser.parse(query, features: .all))
        #expect(String(buffer: writer.json.bytes) == tree)
    }

    @Test(arguments: QueryRouteTests.prefixes)
    func `a tree is answered under each prefix, by GET and by POST`(prefix: String) async throws {
        try await TestNode().serve { client async throws in
            let tree = #"{"status":"success","data":"# + Self.selector("up") + "}"
            #expect(try await client.get("\(prefix)/parse_query?query=up").body == tree)
            #expect(try await client.post("\(prefix)/parse_query", "query=up").body == tree)
        }
    }

    @Test(arguments: ["format_query", "parse_query"])
    func `a query that is none is refused`(route: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.get("/api/v1/\(route)?query=up%7B")
            #expect(answer.status == 400)
            #expect(
                answer.body
                    == #"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": "#
                    + #"1:4: parse error: unexpected end of input inside braces"}"#
            )
            #expect(try await client.get("/api/v1/\(route)").status == 400)
        }
    }
}
