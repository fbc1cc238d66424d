import Testing

@testable import PrometheusAPI

@Suite(.timeLimit(.minutes(1))) struct DisconnectTests {
    /// Far above what it takes, far below what a query may take.
    private static let bound = Duration.seconds(2)

    private static func get(_ route: String) -> String {
        "GET /api/v1/\(route) HTTP/1.1\r\nHost: x\r\n\r\n"
    }

    private static let slow = get("query?query=slow")
    private static let quick = get("query?query=42")

    @Test(arguments: [
        slow, get("query_range?query=slow&start=1&end=2&step=1"),
        get("series?match%5B%5D=slow"), get("labels?match%5B%5D=slow"),
        get("label/x/values?match%5B%5D=slow"),
        "POST /prometheus/api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nquery=slow",
    ])
    func `a client that goes away ends its request`(request: String) async throws {
        try await LoopbackServer.run { server in
            var end = ContinuousClock.now
            var first: LoopbackServer.Event?
            try await server.connect { connection in
                try await connection.send(request)
                first = await server.nextEvent()
                end = .now
            }
            #expect(first == .asked)
            #expect(await server.nextEvent() == .cancelled)
            #expect(ContinuousClock.now - end < Self.bound)
        }
    }

    @Test func `a connection used again is watched again`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                for _ in 0..<3 {
                    try await connection.send(Self.quick)
                    let answer = try await connection.receive(until: "}}")
                    #expect(answer.contains(#""result":[1700000000,"42"]"#))
                }
                try await connection.send(Self.slow)
                #expect(await server.nextEvent() == .asked)
            }
            #expect(await server.nextEvent() == .cancelled)
        }
    }

    @Test func `requests sent ahead are answered in order`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                let values = (1...40).map(String.init)
                try await connection.send(values.map { Self.get("query?query=\($0)") }.joined())
                let answers = try await connection.receive(until: "}}", times: values.count)
                #expect(
                    answers.matches(of: /0,"(\d+)"\]/).map { String($0.output.1) } == values
                )
            }
        }
    }

    @Test func `requests sent ahead do not hide that the client went away`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                let ahead = String(repeating: Self.quick, count: 40)
                try await connection.send(Self.slow + ahead)
                #expect(await server.nextEvent() == .asked)
            }
            #expect(await server.nextEvent() == .cancelled)
        }
    }

    @Test func `a client that only stops sending counts as gone, and is told so`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { connection in
                try await connection.send(Self.slow)
                #expect(await server.nextEvent() == .asked)
                connection.finishSending()
                #expect(await server.nextEvent() == .cancelled)
                let answer = try await connection.receive(until: "}")
                #expect(answer.hasPrefix("HTTP/1.1 499 "))
                #expect(answer.contains(#""errorType":"canceled""#))
            }
        }
    }

    @Test func `others go on when one client leaves`() async throws {
        try await LoopbackServer.run { server in
            try await server.connect { staying in
                try await staying.send(Self.slow)
                #expect(await server.nextEvent() == .asked)
                try await server.connect { leaving in
                    try await leaving.send(Self.slow)
                    #expect(await server.nextEvent() == .asked)
                }
                #expect(await server.nextEvent() == .cancelled)
                try await server.connect { third in
                    try await third.send(Self.slow)
                    // The first one is still held, or this would be its end.
                    #expect(await server.nextEvent() == .asked)
                }
                #expect(await server.nextEvent() == .cancelled)
            }
            #expect(await server.nextEvent() == .cancelled)
        }
    }

    @Test func `work for a client that has left already is cancelled at once`() async {
        let client = ClientPresence()
        client.leave()
        await #expect(throws: CancellationError.self) {
            try await client.whilePresent {
                try await Task.sleep(for: .seconds(3600))
            }
        }
    }

    @Test func `errors and values of work pass through`() async throws {
        let client = ClientPresence()
        #expect(try await client.whilePresent { 7 } == 7)
        await #expect(throws: APIError.self) {
            try await client.whilePresent { throw APIError(.execution, "x") }
        }
    }
}
