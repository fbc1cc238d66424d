import BlockFormat
import ChunkCoding
import ClusterInterface
import Foundation
import MetricsModel
import PromQL
import TestSupport
import Testing

@testable import Querying

@Suite struct GatheredSeriesTests {
    private let seed = TenantSeed(.anonymous)

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `samples of both kinds come once and in order, wherever they are`(
        number: UInt64
    ) async throws {
        var random = SeededGenerator(seed: number)
        let series = (0..<4).map { _ in SampleList(using: &random) }
        let store = MemoryStore()
        for block in 1...UInt64.random(in: 1...3, using: &random) {
            try store.add(
                number: block,
                series.enumerated().map { (labels($0), $1.part(using: &random)) }
            )
        }
        // Two replicas, each with several chunks that overlap; together they have everything.
        let recent = (0..<2).map { replica in
            series.enumerated().map { index, list in
                let parts = replica == 0 ? list.split(using: &random) : [list.part(using: &random)]
                return SelectedSeries(
                    labels: labels(index),
                    chunks: parts.flatMap { $0.chunks(using: &random) }
                )
            }
        }
        let gathered = GatheredSeries(
            stored: try await stored(store),
            recent: recent,
            seed: seed,
            range: .all
        )
        #expect(gathered.count == series.count)
        for index in 0..<gathered.count {
            let (found, samples) = try gathered.labelsAndSamples(index)
            let wanted = try #require(series.indices.first { labels($0) == found })
            #expect(SampleList(samples).text == series[wanted].text)
        }
    }

    @Test func `series are in the order of their fingerprints wherever they are`() async throws {
        let store = MemoryStore()
        let one = SampleColumns(timestamps: [1], values: [1])
        try store.add(number: 1, (0..<20).map { (labels($0), one) })
        let recent = [
            (10..<40).map { SelectedSeries(labels: labels($0), chunks: [.encode([2], [2])]) }
        ]
        let gathered = GatheredSeries(
            stored: try await stored(store),
            recent: recent,
            seed: seed,
            range: .all
        )
        let order = (0..<40).map { Fingerprint(seed: seed, labels: labels($0)) }.sorted()
        let found = (0..<gathered.count).map { index in
            Fingerprint(seed: seed, labels: gathered.labels(at: index))
        }
        #expect(found == order)
        for index in 0..<gathered.count {
            var key: [UInt8] = []
            gathered.withKey(at: index) { key = Array($0) }
            #expect(key == gathered.labels(at: index).key)
        }
    }

    @Test func `keys of series are their labels less those that are dropped`() async throws {
        let store = MemoryStore()
        let one = SampleColumns(timestamps: [1], values: [1])
        try store.add(
            number: 1,
            (0..<20).map { number in
                let labels: Labels = [
                    "A": "\(number % 3)", "__name__": "m\(number % 2)", "n": "\(number)",
                    "z": number % 4 == 0 ? "" : "z",
                ]
                return (labels, one)
            } + [(Labels([("n", "nameless")]), one)]
        )
        let recent = [
            (10..<40).map { SelectedSeries(labels: labels($0), chunks: [.encode([2], [2])]) }
        ]
        let stored = try await stored(store)
        let rename: @Sendable (Labels) -> Labels = { $0.setting("tenant", to: "t") }
        for rename in [nil, rename] {
            let gathered = GatheredSeries(
                stored: stored,
                recent: recent,
                seed: seed,
                range: .all,
                rename: rename
            )
            for names in [[], ["A"], ["__name__", "z"], ["n", "tenant"]] {
                let set = LabelNameSet(names)
                for projection in [
                    LabelProjection(keeping: set), LabelProjection(dropping: set),
                    LabelProjection(dropping: set).after(dropping: .metricName),
                ] {
                    let keys = gathered.keys(projection)
                    for index in 0..<gathered.count {
                        var expected: [UInt8] = []
                        var found: [UInt8] = [7]
                        projection.project(gathered.labels(at: index), replacing: &expected)
                        keys.append(index, to: &found)
                        #expect(Array(found.dropFirst()) == expected)
                    }
                }
            }
            for index in 0..<gathered.count {
                var name = "?"
                gathered.withName(at: index) { name = String(decoding: $0, as: UTF8.self) }
                #expect(name == gathered.labels(at: index).name)
            }
            #expect(gathered.hasLabels(in: LabelNameSet(["A"])))
            #expect(!gathered.hasLabels(in: LabelNameSet(["B"])))
        }
    }

    @Test func `where values do not matter, times and staleness markers are the same`() async throws
    {
        let times = (0..<300).map { Int64($0) * 15_000 }
        func values(_ value: (Int) -> Double) -> [Double] { times.indices.map(value) }
        let all = [
            values { Double($0 * 3) }, values { Double($0) / 8 }, values { _ in 4 },
            values { sin(Double($0)) }, values { $0 % 50 == 7 ? StaleMarker.value : Double($0) },
            values { $0 == 299 ? StaleMarker.value : sin(Double($0)) },
            values { _ in StaleMarker.value },
            values { $0 == 3 ? .nan : 1e300 * Double($0) }, values { $0 == 4 ? .infinity : -0.0 },
        ]
        let store = MemoryStore()
        try store.add(
            number: 1,
            all.enumerated().map { (labels($0), SampleColumns(timestamps: times, values: $1)) }
        )
        let recent = [
            all.enumerated().map {
                SelectedSeries(labels: labels($0), chunks: [.encode(times, $1)])
            }
        ]
        for gathered in [
            GatheredSeries(stored: try await stored(store), recent: [], seed: seed, range: .all),
            GatheredSeries(stored: [], recent: recent, seed: seed, range: .all),
        ] {
            #expect(gathered.count == all.count)
            #expect(gathered.size == all.count * times.count)
            for index in 0..<gathered.count {
                var whole = SampleColumns()
                var marked = SampleColumns()
                try gathered.read(index, into: &whole)
                try gathered.read(index, needed: .markers, into: &marked)
                #expect(marked.timestamps == whole.timestamps)
                #expect(
                    marked.values.map(StaleMarker.isMarker)
                        == whole.values.map(StaleMarker.isMarker)
                )
            }
        }
    }

    @Test func `chunks that end before the range or begin behind it are not decoded`() throws {
        let damaged = EncodedChunk(minTime: 0, maxTime: 9, count: 1, bytes: [])
        let late = EncodedChunk(minTime: 20, maxTime: 29, count: 1, bytes: [])
        func read(_ range: TimeRange) throws -> [Int64] {
            let gathered = GatheredSeries(
                stored: [],
                recent: [
                    [
                        SelectedSeries(
                            labels: labels(0),
                            chunks: [damaged, .encode([10, 19], [1, 2]), late]
                        )
                    ]
                ],
                seed: seed,
                range: range
            )
            return try gathered.labelsAndSamples(0).samples.timestamps
        }
        #expect(try read(TimeRange(start: 10, end: 20)) == [10, 19])
        for range in [TimeRange(start: 9, end: 20), TimeRange(start: 10, end: 21)] {
            #expect(throws: QueryError.self) { try read(range) }
        }
    }

    @Test func `what was read before leaves nothing behind`() throws {
        var random = SeededGenerator(seed: 5)
        let lists = (0..<3).map { _ in SampleList(using: &random) }
        let gathered = GatheredSeries(
            stored: [],
            recent: [
                lists.enumerated().map {
                    SelectedSeries(labels: labels($0), chunks: $1.chunks(using: &random))
                }
            ],
            seed: seed,
            range: .all
        )
        var columns = SampleColumns()
        for index in [0, 1, 2, 1, 0, 2] {
            try gathered.read(index, into: &columns)
            #expect(
                SampleList(columns).text
                    == SampleList(try gathered.labelsAndSamples(index).samples).text
            )
        }
    }

    @Test func `series of several tenants follow each other under their own labels`() throws {
        let tenants = try ["a", "b", "c"].map { try TenantID($0) }
        let federated = FederatedSeries(
            tenants.enumerated().map { number, tenant in
                GatheredSeries(
                    stored: [],
                    recent: [
                        (0..<number).map {
                            SelectedSeries(
                                labels: labels($0),
                                chunks: [.encode([Int64(number)], [Double($0)])]
                            )
                        }
                    ],
                    seed: TenantSeed(tenant),
                    range: .all,
                    rename: { TenantSet.labels($0, of: tenant) }
                )
            }
        )
        #expect(federated.count == 3)
        var columns = SampleColumns()
        var found: Set<Labels> = []
        for index in 0..<3 {
            try federated.read(index, into: &columns)
            let labels = federated.labels(at: index)
            #expect(columns.timestamps == [index == 0 ? 1 : 2])
            #expect(labels.value(of: TenantSet.label) == (index == 0 ? "b" : "c"))
            #expect(labels.value(of: "n") == columns.values.first.map { "\(Int($0))" })
            found.insert(labels)
        }
        #expect(found.count == 3)
    }

    @Test func `of replicas that differ the same one is believed each time`() async throws {
        let labels = labels(0)
        var ingesters = ["a", "b"].enumerated().map { number, name in
            MemoryIngester(
                name: name,
                data: [
                    .anonymous: [.init(labels: labels, samples: [(1, Double(number))])]
                ]
            )
        }
        // The first answers last.
        ingesters[1].calls = ingesters[0].calls
        ingesters[0].waitsFor = "b"
        let gatherer = Gatherer(
            directory: FixedDirectory(ingesters: ingesters),
            blocks: BlockReader(store: MemoryStore(), cacheSize: 0, workers: SerialWorkers())
        )
        for _ in 0..<20 {
            let all = SelectRequest(tenant: .anonymous, matchers: [], range: .all)
            #expect(try await gatherer.samples(all).all.map(\.samples.values) == [[0]])
        }
    }

    private func labels(_ number: Int) -> Labels { ["__name__": "m", "n": "\(number)"] }

    private func stored(_ store: MemoryStore) async throws -> [StoredSelection] {
        try await BlockReader(store: store, cacheSize: 1 << 20, workers: SerialWorkers()).select(
            SelectRequest(tenant: .anonymous, matchers: [], range: .all),
            memory: .unbounded(),
            check: {}
        )
    }
}
