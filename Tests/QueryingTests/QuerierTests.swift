import ClusterInterface
import MetricsModel
import PromQL
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct QuerierTests {
    /// A start, and samples every 15 s from there.
    static let start: Int64 = 1_700_000_000_000

    @Test(arguments: [
        "requests_total", "requests_total{pod!=\"1\"}", "sum by (job) (rate(requests_total[1m]))",
        "requests_total offset 5m", "requests_total[2m]", "max_over_time(requests_total[10m])",
        "count(requests_total) + time()", "absent(nothing)", "1 + 2", "\"text\"",
        "sum_over_time(requests_total[5m:30s])", "rate(requests_total[3m] offset 10m)",
    ])
    func `half in memory and half in blocks gives what all in memory gives`(
        text: String
    ) async throws {
        let series = Self.series()
        let middle = Self.start + 100 * 15_000
        let inMemory = Querier(
            FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: series])])
        )
        // Two blocks that overlap, and two replicas of which each misses a part.
        let store = MemoryStore()
        try store.add(.anonymous, number: 1, Self.part(series) { $0 < middle - 600_000 })
        try store.add(
            .anonymous,
            number: 2,
            Self.part(series) { $0 >= middle - 700_000 && $0 < middle }
        )
        let replicas = [0, 1].map { turn in
            MemoryIngester(
                name: "replica-\(turn)",
                data: [
                    .anonymous: Self.part(series) {
                        $0 >= middle && $0 / 15_000 % 3 != turn
                    }
                ]
            )
        }
        let mixed = Querier(FixedDirectory(ingesters: replicas), store)

        let end = Self.start + 200 * 15_000
        for time in [middle, middle + 7, end, Self.start - 1, end + 299_999, end + 900_000] {
            let request = QueryRequest(text, at: time)
            let expected = try await inMemory.query(request)
            #expect(try await mixed.query(request).text == expected.text, "at \(time)")
        }
        guard !text.hasSuffix("[2m]"), !text.hasPrefix("\"") else { return }
        let range = QueryRequest(text, at: Self.start - 60_000, to: end + 600_000, step: 60_000)
        let expected = try await inMemory.query(range)
        #expect(try await mixed.query(range).text == expected.text)
        #expect(!expected.text.isEmpty)
    }

    @Test func `metadata of memory and blocks is united and sorted`() async throws {
        let series = Self.series()
        let store = MemoryStore()
        try store.add(.anonymous, Array(series.prefix(3)))
        let querier = Querier(
            FixedDirectory(ingesters: [
                MemoryIngester(data: [.anonymous: Array(series.suffix(3))])
            ]),
            store
        )
        let tenants = TenantSet(.anonymous)
        let name = [LabelMatcher(name: "__name__", equals: "requests_total")]
        #expect(
            try await querier.series(of: tenants, matching: [name], in: .all)
                == series.map(\.labels).sorted()
        )
        #expect(
            try await querier.labelNames(of: tenants, matching: [], in: .all)
                == ["__name__", "job", "pod"]
        )
        #expect(
            try await querier.labelValues("pod", of: tenants, matching: [], in: .all)
                == ["0", "1", "2", "3", "4"]
        )
        // Selectors add up.
        let pods = ["0", "4"].map { [LabelMatcher(name: "pod", equals: $0)] }
        #expect(
            try await querier.labelValues("pod", of: tenants, matching: pods, in: .all)
                == ["0", "4"]
        )
        let before = TimeRange(start: 0, end: Self.start)
        #expect(try await querier.series(of: tenants, matching: [name], in: before) == [])
    }

    @Test func `names sort by their bytes`() async throws {
        let names = ["é", "z", "Z", "_", "a", "\u{1F600}"]
        let series = names.map {
            MemoryIngester.Series(labels: ["__name__": "m", "x": $0], samples: [(1, 1)])
        }
        let querier = Querier(
            FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: series])])
        )
        let found = try await querier.labelValues(
            "x",
            of: TenantSet(.anonymous),
            matching: [],
            in: .all
        )
        #expect(found == ["Z", "_", "a", "z", "é", "\u{1F600}"])
    }

    @Test func `what is wrong with a query is told as such`() async throws {
        let querier = Querier(
            FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: Self.series()])])
        )
        await expect(QueryRequest("up{", at: 0), on: querier) {
            if case .parse = $0 { true } else { false }
        }
        let range = QueryRequest("up[5m]", at: 0, to: 10, step: 1)
        await expect(range, on: querier) {
            if case .evaluation(.invalidQuery) = $0 { true } else { false }
        }
        let duplicates = QueryRequest(
            "label_replace(requests_total, \"pod\", \"x\", \"\", \"\")",
            at: Self.start
        )
        await expect(duplicates, on: querier) {
            if case .evaluation(.execution) = $0 { true } else { false }
        }
    }

    @Test func `too many samples are refused`() async throws {
        let querier = Querier(
            FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: Self.series()])])
        ) { $0.maximumSamples = 10 }
        let request = QueryRequest("requests_total[30m]", at: Self.start + 3_000_000)
        await expect(request, on: querier) {
            if case .evaluation(.tooManySamples(10)) = $0 { true } else { false }
        }
    }

    @Test(arguments: [(31_000, 4), (20_000, 0), (0, 4), (-5, 4)] as [(Int64, Int)])
    func `a request's lookback holds where it is positive`(delta: Int64, count: Int) async throws {
        let querier = Querier(
            FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: Self.series()])])
        )
        // The newest samples are 30 s old; those of series 2 are followed by a stale marker.
        var request = QueryRequest("requests_total", at: Self.start + 200 * 15_000 + 30_000)
        request.lookbackDelta = delta
        guard case .vector(let elements) = try await querier.query(request).value else {
            Issue.record("not a vector")
            return
        }
        #expect(elements.count == count)
    }

    @Test(arguments: [
        (Int64.min, Int64.min), (.max, .max), (.min, .min + 1), (.max - 1, .max), (.min, .max),
    ])
    func `times at the ends of 64 bits are answered`(start: Int64, end: Int64) async throws {
        let querier = Querier(
            FixedDirectory(ingesters: [MemoryIngester(data: [.anonymous: Self.series()])])
        )
        for text in [
            "requests_total", "requests_total offset 1h", "requests_total offset -1h", "time()",
            "rate(requests_total[5m])", "sum_over_time(requests_total[10m:1m])", "month()",
            "requests_total @ end()", "timestamp(requests_total)",
        ] {
            _ = try await querier.query(QueryRequest(text, at: start))
            let step: Int64 = end.subtractingReportingOverflow(start).overflow ? .max / 4 : 1
            do {
                _ = try await querier.query(QueryRequest(text, at: start, to: end, step: step))
            } catch QueryError.evaluation(.tooManySamples) {
                // A subquery over all of time.
                #expect(text.contains("[10m:1m]") && start == .min && end == .max)
            }
        }
    }

    private func expect(
        _ request: QueryRequest,
        on querier: Querier,
        _ isExpected: (QueryError) -> Bool
    ) async {
        let error = await #expect(throws: QueryError.self) {
            _ = try await querier.query(request)
        }
        #expect(error.map(isExpected) == true, "\(String(describing: error))")
    }

    /// Five counters; one is reset, one has a gap and ends in a stale marker.
    private static func series() -> [MemoryIngester.Series] {
        (0..<5).map { number in
            var samples = (0...200).map { step in
                (start + Int64(step) * 15_000, Double(step * (number + 1)) + 0.5)
            }
            if number == 1 { for step in 90...200 { samples[step].1 -= 180 } }
            if number == 2 {
                samples.removeSubrange(95..<130)
                samples[samples.count - 1].1 = StaleMarker.value
            }
            return MemoryIngester.Series(
                labels: [
                    "__name__": "requests_total", "job": "j\(number % 2)", "pod": "\(number)",
                ],
                samples: samples
            )
        }
    }

    private static func part(
        _ series: [MemoryIngester.Series],
        where isWanted: (Int64) -> Bool
    ) -> [MemoryIngester.Series] {
        series.map { one in
            MemoryIngester.Series(
                labels: one.labels,
                samples: one.samples.filter { isWanted($0.0) }
            )
        }
    }
}
