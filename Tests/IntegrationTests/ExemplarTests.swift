import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct ExemplarTests {}
}

extension IntegrationTests.ExemplarTests {
    private static let seriesCount = 20

    /// A sample and an exemplar of each series, as Prometheus sends them: one after the other.
    private static func request(_ round: Int, at time: Int64) -> [UInt8] {
        var writer = WireWriter()
        for number in 0..<seriesCount {
            let labels = [("__name__", "load_total"), ("series", String(100 + number))]
            writer.series(labels, [(time, Double(round))])
            writer.message(1) { series in
                for (name, value) in labels { series.label(name, value) }
                series.exemplar([("trace_id", "\(round)-\(number)")], time, Double(round) + 0.5)
            }
        }
        writer.metadata(kind: 1, name: "load", help: "Load of round \(round / 3).")
        return writer.compressed
    }

    @Test(.timeLimit(.minutes(2)))
    func `exemplars and metadata survive kill -9, and answers are the same from blocks`() throws {
        let engram = try EngramProcess.single(["--limits-max-exemplars", "1000"])
        let start = Moment.now - 60_000
        func send(_ rounds: Range<Int>) throws {
            for round in rounds {
                let body = Self.request(round, at: start + Int64(round) * 1000)
                let answer = try engram.send(.push(body))
                try #require(answer.status == 204, "\(answer.text)")
            }
        }
        func check(_ rounds: Int, _ what: String) throws {
            let found = try engram.queries().exemplars(
                "sum(rate(load_total[1m])) by (series)",
                start...start + 3_600_000
            )
            try #require(found.count == Self.seriesCount, "\(what)")
            for (number, series) in found.enumerated() {
                #expect(series.seriesLabels["series"] == String(100 + number), "\(what)")
                let expected = (0..<rounds).map { round in
                    ExemplarAnswer.Exemplar(
                        labels: ["trace_id": "\(round)-\(number)"],
                        value: "\(Double(round) + 0.5)",
                        timestamp: Double(start + Int64(round) * 1000) / 1000
                    )
                }
                #expect(series.exemplars == expected, "\(what)")
            }
            let metadata = try engram.queries().metadata("load")["load"] ?? []
            #expect(
                Set(metadata.map(\.help))
                    == Set((0..<rounds).map { "Load of round \($0 / 3)." }),
                "\(what)"
            )
            #expect(metadata.allSatisfy { $0.type == "counter" }, "\(what)")
        }
        try send(0..<5)
        try check(5, "from memory")
        engram.killNow()
        try engram.start()
        try check(5, "after a kill")
        try engram.flush()
        try check(5, "after a flush")
        try send(5..<9)
        try check(9, "from a block and memory")
        engram.killNow()
        try engram.start()
        try check(9, "from a block and the log")
        try engram.flush()
        #expect(try engram.stop() == 0)
        try engram.start()
        try check(9, "from blocks")
        #expect(try engram.metric("engram_ingester_wal_damaged_records") == 0)
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: PrometheusProcess.isInstalled))
    func `a Prometheus that forwards exemplars and metadata gets its own answers back`() throws {
        let engram = try EngramProcess.single(["--limits-max-exemplars", "10000"])
        let page = try OpenMetricsPage()
        let prometheus = try PrometheusProcess(
            targets: [("page", page.port)],
            receivers: [engram.port],
            sendsExemplars: true
        )
        try prometheus.start()
        let query = "{__name__=~\"page_.*\"}"
        let begin = Moment.now
        // The counter and both buckets; what Prometheus scraped before it began to send does not count.
        try eventually(within: 90, "first exemplars: \(prometheus.log)", every: 0.3) {
            try engram.queries().exemplars(query, begin...Moment.now).count == 3
        }
        let start = Moment.now
        var end: Int64 = 0
        try eventually(within: 90, "exemplars: \(prometheus.log)", every: 0.5) {
            end = Moment.now - 5000
            guard end > start else { return false }
            let found = try engram.queries().exemplars(query, start...end)
            return found.count == 3 && found.allSatisfy { $0.exemplars.count >= 4 }
        }
        let expected = try prometheus.queries.exemplars(query, start...end)
        #expect(expected.count == 3)
        #expect(try engram.queries().exemplars(query, start...end) == expected)
        let counters = "rate(page_requests_total[5m])"
        #expect(
            try engram.queries().exemplars(counters, start...end)
                == prometheus.queries.exemplars(counters, start...end)
        )
        try eventually(within: 60, "metadata: \(prometheus.log)", every: 0.5) {
            try engram.queries().metadata("page_latency_seconds").count == 1
        }
        let metadata = try prometheus.queries.metadata()
        for metric in ["page_requests", "page_latency_seconds"] {
            #expect(metadata[metric] != nil)
            #expect(try engram.queries().metadata()[metric] == metadata[metric])
        }
        engram.killNow()
        try engram.start()
        #expect(try engram.queries().exemplars(query, start...end) == expected, "after a kill")
        try engram.flush()
        #expect(try engram.queries().exemplars(query, start...end) == expected, "after a flush")
        try prometheus.stop()
        #expect(try engram.stop() == 0)
        try engram.start()
        #expect(try engram.queries().exemplars(query, start...end) == expected, "from blocks")
        #expect(
            try engram.queries().metadata()["page_requests"] == metadata["page_requests"],
            "from blocks"
        )
    }

    @Test(.timeLimit(.minutes(1)))
    func `hostile exemplars and metadata are refused alone`() throws {
        let engram = try EngramProcess.single(["--limits-max-exemplars", "100"])
        let now = Moment.now
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.sample(now, 1)
            series.exemplar([("trace_id", String(repeating: "x", count: 1 << 20))], now, 1)
            for number in 0..<100_000 { series.exemplar([("a", "\(number)")], now - 1, 1) }
            series.message(3, [0x0a, 0xff, 0xff, 0xff, 0x7f])
            series.exemplar([("good", "one")], now, 1)
        }
        writer.metadata(kind: 9, name: String(repeating: "n", count: 1 << 20))
        for number in 0..<20_000 { writer.metadata(kind: 1, name: "metric_\(number)") }
        let answer = try engram.send(.push(writer.compressed))
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.text.contains("exemplar_labels_too_long"))
        #expect(try engram.queries().instant("up", at: now).count == 1)
        let found = try engram.queries().exemplars("up", now - 10...now)
        #expect(found.first?.exemplars.count ?? 0 <= 100)
        #expect(try engram.queries().metadata().count == 8000)
        #expect(try engram.metric("engram_ingester_metadata_refused_total") == 12_000)
    }
}
