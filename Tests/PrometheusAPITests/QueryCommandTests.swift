import Testing

@testable import QueryClient

@Suite(.timeLimit(.minutes(1))) struct QueryCommandTests {
    @Test func `options are read in both spellings`() throws {
        let command = try QueryCommand(arguments: [
            "--url=http://h:1/p/", "up", "--tenant", "a", "--start=1", "--end", "2", "--step=1m",
            "--explain",
        ])
        #expect(command.query == "up")
        #expect(command.server.host == "h")
        #expect(command.server.port == 1)
        #expect(command.server.prefix == "/p")
        #expect(command.tenant == "a")
        #expect(command.time == .range(start: "1", end: "2", step: "1m"))
        #expect(command.explains)
        #expect(try QueryCommand(arguments: ["up"]).server == .local)
    }

    @Test(arguments: [
        ([], "no query"), (["a", "b"], "more than one query"),
        (["a", "--x", "1"], "unknown option --x"), (["a", "--time"], "--time needs a value"),
        (["a", "--start=1"], "--start, --end and --step belong together"),
        (
            ["a", "--start=1", "--end=2", "--step=1", "--time=1"],
            "--time and --start exclude each other"
        ),
        (["a", "--url=https://h"], "\"https://h\" is not http://HOST:PORT"),
        (["a", "--explain=1"], "unknown option --explain"),
    ])
    func `what makes no sense is refused`(arguments: [String], text: String) {
        #expect(throws: UsageError(text)) { try QueryCommand(arguments: arguments) }
    }

    @Test(arguments: [
        ("http://h", "h:80", "/prometheus"), ("HTTP://h:9009/", "h:9009", "/prometheus"),
        ("http://[::1]:9/a/b", "[::1]:9", "/a/b"), ("http://[::1]", "[::1]:80", "/prometheus"),
    ])
    func `addresses are read`(text: String, authority: String, prefix: String) throws {
        let address = try #require(ServerAddress(text))
        #expect(address.authority == authority)
        #expect(address.prefix == prefix)
    }

    @Test(arguments: [
        "", "h:1", "http://", "http://h:", "http://h:0", "http://h:65536", "http://h/a b",
        "http://h/a?b", "http://h/\r\nx",
    ])
    func `what is no address is refused`(text: String) { #expect(ServerAddress(text) == nil) }

    @Test(arguments: [
        (["1+1"], "2\n"), (["\"te xt\""], "te xt\n"),
        (["up"], "SERIES  VALUE\n"),
        (
            [#"label_replace(vector(3.5), "a", "x\"y", "", "")"#],
            "SERIES      VALUE\n" + #"{a="x\"y"}  3.5"# + "\n"
        ),
        (["time()", "--time=2.5"], "2.5\n"),
        (
            ["vector(time())", "--start=1", "--end=2.5", "--step=500ms"],
            "SERIES  SAMPLES  FIRST  LAST\n{}      4        1 @1   2.5 @2.500\n"
        ),
    ])
    func `a running server is asked`(arguments: [String], text: String) async throws {
        try await LoopbackServer.run { server in
            let url = "--url=http://127.0.0.1:\(server.port)"
            let output = try await QueryCommand(arguments: arguments + [url]).run()
            #expect(output == QueryCommand.Output(standardOutput: text))
        }
    }

    @Test func `errors of the server are told`() async throws {
        try await LoopbackServer.run { server in
            let base = "--url=http://127.0.0.1:\(server.port)"
            let refused = try await QueryCommand(arguments: ["up{", base]).run()
            #expect(!refused.isSuccess)
            #expect(refused.standardOutput.isEmpty)
            #expect(
                refused.standardError
                    == "bad_data: invalid parameter \"query\": 1:4: parse error: "
                    + "unexpected end of input inside braces\n"
            )
            let lost = try await QueryCommand(arguments: ["up", base + "/nowhere"]).run()
            #expect(!lost.isSuccess)
            #expect(lost.standardError.hasPrefix("the server answered 404, and not as"))
        }
    }

    @Test func `notes and a plan are printed, and their absence is told`() throws {
        let plain =
            #""resultType":"vector","result":[{"metric":{"__name__":"a.b","c":"\u001b"},"#
            + #""histogram":[1,{"count":"2","sum":"3","buckets":[[0,"1","2","2"]]}]}]"#
        let body = #"{"status":"success","data":{\#(plain)},"warnings":["w"],"infos":["i"]}"#
        let table =
            "SERIES" + String(repeating: " ", count: 15) + "VALUE\n"
            + #"{"a.b", c="\u001b"}  {count:2, sum:3}"# + "\n"
        var output = try AnswerText.output(
            HTTPAnswer(status: 200, body: Array(body.utf8)),
            explains: true
        )
        #expect(output.standardOutput == table)
        #expect(
            output.standardError
                == "warning: w\ninfo: i\nwarning: the server does not explain queries\n"
        )
        let explained = body.replacing(#","warnings""#, with: #","x""#)
            .replacing(#"{"resultType"#, with: #"{"explain":"a\n  b","resultType"#)
        output = try AnswerText.output(
            HTTPAnswer(status: 200, body: Array(explained.utf8)),
            explains: true
        )
        #expect(output.standardOutput == "a\n  b\n\n" + table)
    }

    @Test func `a plan alone is printed as the text that comes with it`() throws {
        let body =
            #"{"status":"success","data":{"resultType":"explain","explain":{"plan":{}},"#
            + #""text":"sum(a)\n  a\n"}}"#
        let output = try AnswerText.output(
            HTTPAnswer(status: 200, body: Array(body.utf8)),
            explains: true
        )
        #expect(output == QueryCommand.Output(standardOutput: "sum(a)\n  a\n"))
    }

    @Test(arguments: [
        ([:], "{}"), (["__name__": "a:b"], "a:b"),
        (["__name__": "up", "b": "1", "a": "2"], #"up{a="2", b="1"}"#),
        (["1": "x"], #"{"1"="x"}"#), (["__name__": "é"], #"{"é"}"#),
    ])
    func `series are named as in queries`(metric: [String: String], text: String) {
        #expect(AnswerText.labels(metric) == text)
    }

    @Test func `forms are escaped`() {
        #expect(HTTPRequest.escaped("a+b {}\n~é") == "a%2Bb%20%7B%7D%0A~%C3%A9")
    }
}
