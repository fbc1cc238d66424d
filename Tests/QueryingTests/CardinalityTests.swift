import ClusterInterface
import MetricsModel
import PromQL
import TestSupport
import Testing

@testable import Querying

@Suite struct CardinalityTests {
    private let tenant = TenantSet(.anonymous)

    private static func series(_ number: Int, at times: [Int64]) -> MemoryIngester.Series {
        MemoryIngester.Series(
            labels: [
                "__name__": "metric_\(number % 3)", "pod": "pod-\(number)",
                "zone": "z\(number % 2)",
            ],
            samples: times.map { ($0, 1) }
        )
    }

    @Test func `series of replicas and blocks count once`() async throws {
        let store = MemoryStore()
        try store.add(.anonymous, number: 1, (0..<8).map { Self.series($0, at: [1000]) })
        try store.add(.anonymous, number: 2, (4..<12).map { Self.series($0, at: [2000]) })
        let recent = [TenantID.anonymous: (6..<14).map { Self.series($0, at: [3000]) }]
        let querier = Querier(
            FixedDirectory(ingesters: [
                MemoryIngester(name: "a", data: recent), MemoryIngester(name: "b", data: recent),
            ]),
            store
        )
        let statistics = try await querier.seriesStatistics(of: tenant, in: .all, limit: 3)
        #expect(statistics.seriesCount == 14)
        #expect(statistics.labelPairCount == 3 + 14 + 2)
        #expect(
            statistics.seriesByMetric.entries.map { "\($0.name) \($0.count)" }
                == ["metric_0 5", "metric_1 5", "metric_2 4"]
        )
        #expect(
            statistics.valuesByLabel.entries.map { "\($0.name) \($0.count)" }
                == ["pod 14", "__name__ 3", "zone 2"]
        )
        #expect(
            statistics.bytesByLabel.entries.map { "\($0.name) \($0.count)" }
                == ["__name__ \(14 * 8)", "pod \(10 * 5 + 4 * 6)", "zone \(14 * 2)"]
        )
        #expect(
            statistics.seriesByLabelPair.entries.map { "\($0.name) \($0.count)" }
                == ["zone=z0 7", "zone=z1 7", "__name__=metric_0 5"]
        )
    }

    @Test func `a series counts only where it has a sample in the range`() async throws {
        let store = MemoryStore()
        // All in one block from 1000 to 9000; the first has nothing in the middle.
        try store.add(
            .anonymous,
            [
                Self.series(0, at: [1000, 9000]), Self.series(1, at: [1000, 5000, 9000]),
                Self.series(2, at: [5000]), Self.series(3, at: [4999]),
            ]
        )
        let querier = Querier(FixedDirectory(), store)
        let found = try await querier.countedLabels(
            of: tenant,
            matching: [],
            in: TimeRange(start: 5000, end: 6000)
        )
        #expect(found.map { $0.value(of: "pod") } == ["pod-1", "pod-2"])
    }

    @Test func `histograms count like floats, also at the ends of a range`() async throws {
        let store = MemoryStore()
        var samples = SampleColumns()
        samples.histograms.timestamps = [1000, 5000]
        samples.histograms.values = [Histogram(), Histogram()]
        let series: [(labels: Labels, samples: SampleColumns)] = [
            (labels: ["__name__": "h"], samples: samples)
        ]
        try store.add(number: 1, series)
        let querier = Querier(FixedDirectory(), store)
        let expected: [(start: Int64, end: Int64, count: Int)] = [
            (0, 900, 0), (1000, 1001, 1), (1001, 5000, 0), (1001, 5001, 1),
        ]
        for (start, end, count) in expected {
            let range = TimeRange(start: start, end: end)
            let statistics = try await querier.seriesStatistics(of: tenant, in: range, limit: 1)
            #expect(statistics.seriesCount == count, "\(range)")
        }
    }

    @Test(arguments: 0..<8)
    func `counts are those of a naive count over random places`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let all: [MemoryIngester.Series] = (0..<Int.random(in: 1...120, using: &generator)).map {
            var pairs = [("__name__", "m\($0 % 5)"), ("pod", "p\($0)")]
            if $0 % 3 == 0 { pairs.append(("Area", "a\($0 % 4)")) }
            if $0 % 7 == 0 { pairs.removeFirst() }
            let times = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                Int64.random(in: 0...20, using: &generator) * 1000
            }
            return .init(labels: Labels(pairs), samples: Set(times).sorted().map { ($0, 2) })
        }
        let store = MemoryStore()
        for number in 0..<3 {
            let some = all.filter { _ in Bool.random(using: &generator) }
            if !some.isEmpty { try store.add(.anonymous, number: UInt64(number), some) }
        }
        // Every series is somewhere: what no block has, one of the ingesters does.
        let parts = (0..<2).map { part in
            all.enumerated().filter { $0.offset % 2 == part || Bool.random(using: &generator) }
                .map(\.element)
        }
        let querier = Querier(
            FixedDirectory(
                ingesters: parts.enumerated().map {
                    MemoryIngester(name: "\($0)", data: [.anonymous: $1])
                }
            ),
            store
        )
        for _ in 0..<6 {
            let start = Int64.random(in: -1...21, using: &generator) * 1000
            let range = TimeRange(
                start: start,
                end: start + Int64.random(in: 1...12, using: &generator) * 1000
            )
            let matchers = [
                [], [LabelMatcher(name: "Area", equals: "a0")],
                [LabelMatcher(name: "__name__", equals: "m1")],
            ][Int.random(in: 0...2, using: &generator)]
            let expected = all.filter { one in
                matchers.allMatch(one.labels) && one.samples.contains { range.contains($0.0) }
            }.map(\.labels)
            let statistics = try await querier.seriesStatistics(
                of: tenant,
                matching: matchers,
                in: range,
                limit: 1000
            )
            #expect(statistics.seriesCount == expected.count)
            var counts: [String: Int] = [:]
            for labels in expected {
                for pair in labels.pairs { counts["\(pair.name)=\(pair.value)", default: 0] += 1 }
            }
            #expect(statistics.labelPairCount == counts.count)
            #expect(
                Dictionary(
                    uniqueKeysWithValues: statistics.seriesByLabelPair.entries.map {
                        ($0.name, $0.count)
                    }
                ) == counts
            )
            #expect(
                try await querier.countedLabels(of: tenant, matching: matchers, in: range)
                    == expected.sorted()
            )
            let values = try await querier.labelValueCounts(
                ["Area", "none"],
                of: tenant,
                matching: matchers,
                in: range,
                limit: 2
            )
            let areas = counts.filter { $0.key.hasPrefix("Area=") }
            let area = try #require(values.labels.first { $0.name == "Area" })
            #expect(values.seriesCount == expected.count)
            #expect(area.valueCount == areas.count)
            #expect(area.seriesCount == areas.values.reduce(0, +))
            #expect(area.values.entries.count == min(2, areas.count))
            #expect(values.labels.contains { $0.name == "none" && $0.seriesCount == 0 })
        }
    }

    @Test func `tenants of one answer keep their series apart`() async throws {
        let tenants = try ["a", "b"].map { try TenantID($0) }
        var memory = MemoryIngester()
        for tenant in tenants {
            memory.data[tenant] = [
                Self.series(1, at: [1000]),
                .init(labels: ["__name__": "own", "__tenant_id__": "x"], samples: [(1000, 1)]),
            ]
        }
        let querier = Querier(FixedDirectory(ingesters: [memory]))
        let both = try TenantSet(parsing: "a|b")
        let statistics = try await querier.seriesStatistics(of: both, in: .all, limit: 9)
        #expect(statistics.seriesCount == 4)
        let counts = try await querier.labelValueCounts(
            ["__tenant_id__", "original___tenant_id__"],
            of: both,
            matching: [LabelMatcher(name: "__name__", equals: "own")],
            in: .all,
            limit: 9
        )
        #expect(counts.seriesCount == 2)
        #expect(
            counts.labels.map { "\($0.name) \($0.values.entries.map { "\($0.name)=\($0.count)" })" }
                == [
                    #"__tenant_id__ ["a=1", "b=1"]"#, #"original___tenant_id__ ["x=2"]"#,
                ]
        )
        let one = try await querier.seriesStatistics(
            of: both,
            matching: [LabelMatcher(name: "__tenant_id__", equals: "b")],
            in: .all,
            limit: 9
        )
        #expect(one.seriesCount == 2)
    }

    @Test func `more series than the bound are refused with what to do`() async throws {
        let memory = MemoryIngester(
            data: [.anonymous: (0..<11).map { Self.series($0, at: [1]) }]
        )
        let querier = Querier(FixedDirectory(ingesters: [memory])) {
            $0.maximumCountedSeries = 10
        }
        let error = await #expect(throws: QueryError.self) {
            _ = try await querier.seriesStatistics(of: tenant, in: .all, limit: 1)
        }
        guard case .limit(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("more than 10 series") && text.contains("selector"), "\(text)")
    }

    @Test func `more memory than a query may hold is refused`() async throws {
        let memory = MemoryIngester(
            data: [.anonymous: (0..<50).map { Self.series($0, at: [1]) }]
        )
        let querier = Querier(FixedDirectory(ingesters: [memory])) {
            $0.maximumQueryMemory = 1000
        }
        let error = await #expect(throws: QueryError.self) {
            _ = try await querier.seriesStatistics(of: tenant, in: .all, limit: 1)
        }
        guard case .evaluation(.outOfMemory) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await eventually { querier.memory.current == 0 }
    }

    @Test func `a ranking keeps the first of any order`() {
        var generator = SeededGenerator(seed: 3)
        for limit in [0, 1, 2, 7, 1000] {
            let counts = (0..<500).map { _ in Int.random(in: 0...20, using: &generator) }
            var selection = RankingSelection(limit: limit)
            for (number, count) in counts.enumerated() {
                selection.add(count) { Array("n\(number)".utf8) }
            }
            var ranked: [(count: Int, name: String)] = []
            for (number, count) in counts.enumerated() { ranked.append((count, "n\(number)")) }
            ranked.sort { left, right in
                left.count == right.count ? left.name < right.name : left.count > right.count
            }
            let found = selection.finish().entries
            #expect(found.map(\.name) == ranked.prefix(limit).map(\.name))
            #expect(found.map(\.count) == ranked.prefix(limit).map(\.count))
        }
    }
}
