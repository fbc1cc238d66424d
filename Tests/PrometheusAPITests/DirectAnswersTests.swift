import Testing

@testable import PrometheusAPI

@Suite(.timeLimit(.minutes(1))) struct DirectAnswersTests {
    private static func get(_ route: String, fields: String = "") -> String {
        "GET /api/v1/\(route) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
    }

    private static func post(_ form: String) -> String {
        "POST /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)"
    }

    /// A number that is long in its form: more than is taken directly where the length is.
    private static func padded(_ number: Int, to length: Int) -> String {
        "query=\(String(repeating: "+", count: max(0, length - 8)))\(number)"
    }

    /// The field names of an answer's head.
    private static func fields(_ answer: String) -> Set<String> {
        let head = answer.prefix { $0 != "{" }
        return Set(head.matches(of: /\r\n([A-Za-z-]+):/).map { $0.output.1.lowercased() })
    }

    @Test func `answers have the fields of those that the server behind gives`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                try await connection.send(Self.get("query?query=1"))
                let direct = try await connection.receive(until: "}}")
                try await connection.send(Self.get("format_query?query=1"))
                let behind = try await connection.receive(until: "}")
                #expect(direct.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(Self.fields(direct) == Self.fields(behind))
                #expect(Self.fields(direct).isSuperset(of: ["date", "server", "content-length"]))
            }
        }
    }

    @Test func `requests of both kinds sent ahead are answered in order`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                var requests = ""
                var expected: [String] = []
                for number in 0..<60 {
                    switch number % 4 {
                    case 0: requests += Self.get("query?query=\(number)")
                    case 1: requests += Self.post(Self.padded(number, to: 40_000))
                    case 2: requests += Self.get("format_query?query=\(number)")
                    default: requests += Self.post(Self.padded(number, to: 0))
                    }
                    expected.append("\(number)")
                }
                try await connection.send(requests)
                let answers = try await connection.receive(until: "\"59\"")
                let numbers = answers.matches(of: /(?:0,|"data":)"(\d+)"/)
                #expect(numbers.map { String($0.output.1) } == expected)
            }
        }
    }

    @Test(arguments: [0, 16_383, 16_384, 16_385, 200_000])
    func `forms of any length are read`(length: Int) async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                let form = Self.padded(7, to: length)
                for _ in 0..<2 {
                    try await connection.send(Self.post(form))
                    let answer = try await connection.receive(until: "}}")
                    #expect(answer.contains(#","7"]"#))
                }
                let chunk = String(form.utf8.count, radix: 16)
                try await connection.send(
                    "POST /api/v1/query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "\(chunk)\r\n\(form)\r\n0\r\n\r\n"
                )
                let answer = try await connection.receive(until: "}}")
                #expect(answer.contains(#","7"]"#))
            }
        }
    }

    @Test(arguments: [get("query?query=1", fields: "Connection: close\r\n"), get("query?query=1")])
    func `the connection stays unless its client wants it closed`(request: String) async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                try await connection.send(request)
                var answers = try await connection.receive(until: "}}")
                let isLast = request.contains("close")
                if !isLast { try await connection.send(request) }
                answers += try await connection.receive(until: isLast ? "no more" : "}}")
                #expect(answers.ranges(of: "200 OK").count == (isLast ? 1 : 2))
            }
        }
    }

    @Test(arguments: [
        (get("query?query=("), "400 Bad Request"), (get("nothing/query"), "404 Not Found"),
        ("PUT /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "404 Not Found"),
        (
            "GET /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "400"
        ),
    ])
    func `what is wrong is answered so`(request: String, status: String) async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                try await connection.send(request)
                let answer = try await connection.receive(until: "\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer)")
            }
        }
    }

    @Test func `a server that stops answers what it has begun`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                try await connection.send(Self.get("query?query=slow"))
                #expect(await server.nextEvent() == .asked)
                await server.stop()
                connection.finishSending()
                #expect(await server.nextEvent() == .cancelled)
                let answer = try await connection.receive(until: "no more")
                #expect(answer.hasPrefix("HTTP/1.1 499 "))
            }
        }
    }
}

@Suite struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
    ])
    func `dates are those of the standard`(second: Int, text: String) {
        #expect(HTTPDate.text(second) == text)
    }
}
