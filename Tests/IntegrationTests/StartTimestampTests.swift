import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct StartTimestampTests {}
}

/// Start timestamps from a sender of remote write 2.0 to the answers that they change.
extension IntegrationTests.StartTimestampTests {
    private static let tenant = "started"
    private static let features = ["--limits-promql-features", "use-start-timestamps"]
    /// Milliseconds between samples.
    private static let step: Int64 = 15_000
    private static let sampleCount = 20
    /// Samples from this one on are of a process that was started anew.
    private static let restart = 10

    /// Counters that never fall, of a process that began anew in the middle; the same without starts; a counter and a
    /// histogram of which there is one sample; and one that says its start once for the series.
    private static func request(at first: Int64) -> SymbolWriter {
        var writer = SymbolWriter()
        let times = (0..<sampleCount).map { first + Int64($0) * step }
        for (kind, hasStarts) in [("started", true), ("plain", false)] {
            writer.series(
                [("__name__", "load_total"), ("kind", kind)],
                times.enumerated().map { index, time in
                    let began = index < restart ? first - 1000 : times[restart] - 5000
                    return (time, Double(100 * (index + 1)), hasStarts ? began : 0)
                },
                kind: 1,
                help: "Load."
            )
        }
        let last = times[sampleCount - 1]
        writer.series([("__name__", "new_total"), ("kind", "started")], [(last, 7, last - 9000)])
        writer.series([("__name__", "new_total"), ("kind", "plain")], [(last, 7, 0)])
        writer.series([("__name__", "new_total"), ("kind", "created")]) { series in
            series.started(last, 8, 0)
            series.number(6, UInt64(last - 9000))
        }
        writer.series([("__name__", "latency")]) {
            $0.startedHistogram(last, count: 5, start: last - 9000)
        }
        return writer
    }

    /// What a query answers, by the label `kind`.
    private static func answer(
        _ expression: String,
        at time: Int64,
        of client: QueryClient
    ) throws -> [String: String] {
        let series = try client.instant(expression, at: time)
        return Dictionary(
            uniqueKeysWithValues: series.map { ($0.metric["kind"] ?? "", $0.value?.text ?? "") }
        )
    }

    private static func check(_ client: QueryClient, first: Int64, _ what: String) throws {
        let last = first + Int64(sampleCount - 1) * step
        #expect(
            try answer("resets(load_total[10m])", at: last, of: client)
                == ["started": "1", "plain": "0"],
            "\(what)"
        )
        // Of the last five minutes, between samples: the restarted counter grew by what it had counted before, too.
        let growth = try answer("increase(load_total[5m])", at: last, of: client)
            .compactMapValues { Double($0) }
        #expect((growth["started"] ?? 0) > (growth["plain"] ?? 0) + 900, "\(what): \(growth)")
        // One sample is enough where it is known when counting began.
        #expect(
            try answer("increase(new_total[1m])", at: last, of: client)
                == ["started": "7", "created": "8"],
            "\(what)"
        )
        #expect(
            try answer("histogram_count(increase(latency[1m]))", at: last, of: client)
                == ["": "5"],
            "\(what)"
        )
    }

    @Test(.timeLimit(.minutes(2)))
    func `starts count in memory, after kill -9, in blocks and after a restart`() throws {
        let engram = try EngramProcess.single(Self.features)
        let first = Moment.windowBorder + 60_000
        let answer = try engram.send(.push(Self.request(at: first)))
        try #require(answer.status == 204, "\(answer.text)")
        #expect(answer.samplesWritten == 2 * Self.sampleCount + 3)
        #expect(answer.headers["x-prometheus-remote-write-histograms-written"] == "1")
        #expect(answer.headers["x-prometheus-remote-write-exemplars-written"] == "0")
        try Self.check(engram.queries(), first: first, "from memory")
        engram.killNow()
        try engram.start()
        try Self.check(engram.queries(), first: first, "after a kill")
        // A sender that tries again changes nothing.
        #expect(try engram.send(.push(Self.request(at: first))).status == 204)
        try Self.check(engram.queries(), first: first, "after a second try")
        try engram.flush()
        try Self.check(engram.queries(), first: first, "from blocks")
        #expect(try engram.stop() == 0)
        try engram.start()
        try Self.check(engram.queries(), first: first, "after a restart")
        #expect(try engram.queries().metadata("load_total")["load_total"]?.first?.help == "Load.")
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: ThrowawayPostgres.unavailableReason == nil))
    func `starts count in a cluster, from the replicas and from their blocks`() throws {
        let cluster = try LocalCluster(queriers: Self.features)
        let first = Moment.windowBorder + 60_000
        let request = HTTPRequest.push(Self.request(at: first)).tenant(Self.tenant)
        let answer = try cluster.distributors[0].send(request)
        try #require(answer.status == 204, "\(answer.text)")
        let clients = cluster.queriers.map { $0.queries(tenant: Self.tenant) }
        for client in clients { try Self.check(client, first: first, "from memory") }
        cluster.ingesters[1].killNow()
        try cluster.ingesters[1].start()
        for client in clients { try Self.check(client, first: first, "after a kill") }
        for ingester in cluster.ingesters { try ingester.flush() }
        for client in clients { try Self.check(client, first: first, "from blocks") }
    }

    @Test(.timeLimit(.minutes(1)))
    func `without the feature starts are kept, and change no answer`() throws {
        let engram = try EngramProcess.single()
        let first = Moment.windowBorder + 60_000
        let last = first + Int64(Self.sampleCount - 1) * Self.step
        #expect(try engram.send(.push(Self.request(at: first))).status == 204)
        for expression in ["resets(load_total[10m])", "increase(load_total[5m])"] {
            let found = try Self.answer(expression, at: last, of: engram.queries())
            #expect(found["started"] == found["plain"] && found.count == 2)
        }
    }
}
