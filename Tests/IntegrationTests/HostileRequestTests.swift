import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct HostileRequestTests {}
}

extension IntegrationTests.HostileRequestTests {
    /// Bytes that the process may grow by while it refuses bodies.
    private static let growthBound = 96 << 20

    @Test(.timeLimit(.minutes(2)))
    func `malformed bodies are refused, store nothing and cost no memory`() throws {
        let engram = try EngramProcess.single()
        try #require(try engram.send(.push(request(series: "good", count: 3))).status == 204)
        let before = try engram.residentSize()

        var random = SeededGenerator(seed: 5)
        let good = request(series: "never", count: 50).compressed()
        for _ in 0..<20 {
            let garbage = (0..<Int.random(in: 1...4000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            try expectRefusal(engram, garbage)
            try expectRefusal(engram, SnappyBlock.compress(garbage))
            let cut = Int.random(in: 0..<good.count, using: &random)
            if cut > 0 { try expectRefusal(engram, Array(good[..<cut])) }
        }
        for bomb in bombs {
            for _ in 0..<3 { try expectRefusal(engram, bomb) }
        }

        #expect(try engram.residentSize() < before + Self.growthBound)
        #expect(engram.isRunning)
        let names = try engram.queries().instant("count by (__name__) ({__name__!=\"\"})", at: now)
        #expect(names.map(\.metric) == [["__name__": "good"]])
    }

    /// Bodies that claim to become very large.
    private var bombs: [[UInt8]] {
        let fourGigabytes: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f]
        let beyondLimit = SnappyBlock.compress([UInt8](repeating: 0, count: 101 << 20))
        // Messages that claim a length which is not there.
        let longField = SnappyBlock.compress([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3])
        let longVarint = SnappyBlock.compress([0x0a] + [UInt8](repeating: 0xff, count: 30))
        return [
            fourGigabytes + [0, 1, 2, 3], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            beyondLimit, longField, longVarint,
        ]
    }

    @Test(.timeLimit(.minutes(1)))
    func `a body beyond the limit answers 413, also when its size is only claimed`() throws {
        let engram = try EngramProcess.single(["--distributor-max-request-size", "1MiB"])
        let large = [UInt8](repeating: 7, count: 3 << 20)

        // The server may answer and close before it has read all.
        if let answer = try? engram.send(.push(large)) { #expect(answer.status == 413) }

        var claim = HTTPRequest.push([1, 2, 3])
        claim.claimedLength = "5000000000"
        #expect(try engram.send(claim).status == 413)

        claim.claimedLength = "-5"
        if let answer = try? engram.send(claim) { #expect((400..<500).contains(answer.status)) }

        let chunked = try HTTPConnection(port: engram.port)
        let head = "POST /api/v1/push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        try chunked.write(Array(head.utf8))
        let piece = Array("10000\r\n".utf8) + [UInt8](repeating: 7, count: 65536) + [13, 10]
        for _ in 0..<48 where (try? chunked.write(piece)) == nil { break }
        if let answer = try? chunked.readAnswer() { #expect(answer.status == 413) }

        #expect(try engram.send(.push(request(series: "good", count: 1))).status == 204)
        #expect(try engram.residentSize() < 512 << 20)
    }

    @Test(.timeLimit(.minutes(1)))
    func `bodies that never end do not fill the memory`() throws {
        let engram = try EngramProcess.single()
        let before = try engram.residentSize()
        let port = engram.port
        let stop = StopFlag()
        // 32 times 24 MiB.
        let senders = (0..<32).map { _ in
            Background {
                let connection = try HTTPConnection(port: port, timeout: 5)
                var request = HTTPRequest.push([UInt8](repeating: 7, count: 24 << 20))
                request.claimedLength = String(25 << 20)
                // The server may refuse it before it has all.
                try? connection.write(request.bytes)
                try eventually(within: 30, "end") { stop.isSet }
            }
        }
        var peak = 0
        let deadline = ContinuousClock.now + .seconds(4)
        while ContinuousClock.now < deadline {
            peak = max(peak, try engram.residentSize())
            breathe(0.05)
        }
        stop.set()
        for sender in senders { try sender.join() }

        #expect(peak - before < 400 << 20, "grew by \((peak - before) >> 20) MiB")
        try eventually(within: 10, "a write afterwards") {
            try engram.send(.push(request(series: "good", count: 1))).status == 204
        }
    }

    @Test(arguments: [
        ("Content-Type", "application/json", 415),
        ("Content-Type", "application/x-protobuf;proto=example.Unknown", 415),
        ("Content-Encoding", "gzip", 415),
        ("Content-Encoding", "zstd", 415),
        ("Content-Type", nil, 204),
        ("Content-Encoding", nil, 204),
        ("Content-Type", "Application/X-Protobuf; proto=prometheus.WriteRequest", 204),
    ])
    func `content is told by its headers`(name: String, value: String?, status: Int) throws {
        let engram = try EngramProcess.single()
        let answer = try engram.send(
            HTTPRequest.push(request(series: "good", count: 1)).with(name, value)
        )
        #expect(answer.status == status, "\(answer.text)")
        if status == 415 { #expect(!answer.text.isEmpty) }
    }

    @Test func `a partly invalid request stores the valid part and counts exactly`() throws {
        let engram = try EngramProcess.single()
        let time = now - 60_000
        var body = WriteRequestEncoder()
        body.add(labels("first"), timestamp: time, value: 1)
        body.add(Labels([("no_name", "x")]), timestamp: time, value: 2)
        body.add(labels("second"), (0..<3).map { Sample(timestamp: time + $0 * 1000, value: 3) })
        let tooLong = String(repeating: "v", count: 3000)
        body.add(Labels([("__name__", "long"), ("l", tooLong)]), timestamp: time, value: 4)
        body.add(labels("future"), timestamp: now + 3_600_000, value: 5)
        body.add(labels("third"), timestamp: time, value: 6)

        let answer = try engram.send(.push(body))

        #expect(answer.status == 400)
        #expect(answer.samplesWritten == 5)
        #expect(answer.text.contains("missing_metric_name"), "\(answer.text)")
        let stored = try engram.queries().samples("{__name__=~\".+\"}", time...now)
        #expect(
            stored.map { "\($0.metric["__name__"] ?? "") \($0.values?.count ?? 0)" }
                == ["first 1", "second 3", "third 1"]
        )
        for reason in ["missing_metric_name", "label_value_too_long", "too_far_in_future"] {
            let count = try engram.metric(
                "engram_distributor_samples_discarded_total",
                where: "reason=\"\(reason)\""
            )
            #expect(count == 1, "\(reason)")
        }
    }

    @Test func `a sample sent again succeeds, another value for its time is refused`() throws {
        let engram = try EngramProcess.single()
        let time = now - 60_000
        for flushed in [false, true] {
            let first = HTTPRequest.push(sample("m", time, 1))
            for _ in 0..<3 {
                let answer = try engram.send(first)
                #expect(answer.status == 204, "flushed: \(flushed): \(answer.text)")
                #expect(answer.samplesWritten == 1)
            }
            let second = try engram.send(.push(sample("m", time, 2)))
            #expect(second.status == 400, "flushed: \(flushed)")
            #expect(second.samplesWritten == 0)
            #expect(second.text.contains("new-value-for-timestamp"), "\(second.text)")
            let stored = try engram.queries().samples("m", time - 1000...time + 1000)
            #expect(stored.first?.values == [.init(timestamp: time, text: "1")])
            try engram.flush()
        }
    }

    @Test func `a sample too far in the future is refused by name`() throws {
        let engram = try EngramProcess.single()
        let answer = try engram.send(.push(sample("m", now + 660_000, 1)))
        #expect(answer.status == 400)
        #expect(answer.samplesWritten == 0)
        #expect(answer.text.contains("too_far_in_future"), "\(answer.text)")
        #expect(try engram.send(.push(sample("m", now + 500_000, 1))).status == 204)
    }

    private var now: Int64 { Moment.now }

    private func labels(_ name: String) -> Labels { Labels([("__name__", name)]) }

    private func sample(_ name: String, _ time: Int64, _ value: Double) -> WriteRequestEncoder {
        var body = WriteRequestEncoder()
        body.add(labels(name), timestamp: time, value: value)
        return body
    }

    private func request(series name: String, count: Int) -> WriteRequestEncoder {
        var body = WriteRequestEncoder()
        for number in 0..<count {
            let labels = Labels([("__name__", name), ("number", String(number))])
            body.add(labels, timestamp: Moment.now, value: Double(number))
        }
        return body
    }

    private func expectRefusal(_ engram: EngramProcess, _ body: [UInt8]) throws {
        let answer = try engram.send(.push(body))
        // Random bytes can be a valid request without series: that stores nothing either.
        if answer.isSuccess {
            #expect(answer.samplesWritten == 0)
        } else {
            // 413 where it claims a size that no request may have.
            #expect([400, 413].contains(answer.status), "\(answer.status) \(answer.text)")
            #expect(!answer.text.isEmpty)
        }
    }
}
