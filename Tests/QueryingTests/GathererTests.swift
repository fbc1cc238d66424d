import ChunkCoding
import ClusterInterface
import MetricsModel
import PromQL
import Synchronization
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct GathererTests {
    let tenant = TenantID.anonymous
    let all = SelectRequest(tenant: .anonymous, matchers: [], range: .all)

    @Test func `ingesters are asked first and the catalog second`() async throws {
        let calls = CallList()
        let store = MemoryStore(calls: calls)
        try store.add(tenant, [series(0, [1])])
        let gatherer = gatherer(
            FixedDirectory(ingesters: [
                ingester("a", calls: calls, [series(0, [2])]),
                ingester("b", calls: calls, [series(0, [2])]),
            ]),
            store
        )
        _ = try await gatherer.samples(all)
        _ = try await gatherer.series(all)
        _ = try await gatherer.labelNames(all)
        _ = try await gatherer.labelValues("pod", all)
        #expect(calls.all.filter { $0 == "a" }.count == 4)
        for turn in calls.all.split(separator: "catalog").dropLast() {
            #expect(Set(turn).isSuperset(of: ["a", "b"]))
        }
        #expect(calls.all.prefix(2).sorted() == ["a", "b"])
    }

    @Test func `replicas and blocks meet in one series, each sample once`() async throws {
        let store = MemoryStore()
        try store.add(tenant, number: 1, [series(0, [1, 2, 3]), series(1, [1])])
        try store.add(tenant, number: 2, [series(0, [3, 4])])
        let found = try await gatherer(
            FixedDirectory(ingesters: [
                ingester("a", [series(0, [4, 5, 7]), series(2, [9])]),
                ingester("b", [series(0, [5, 6])]),
            ]),
            store
        ).samples(all).all
        #expect(found.map(\.labels) == (0...2).map { series($0, []).labels })
        #expect(found.map(\.samples.timestamps) == [[1, 2, 3, 4, 5, 6, 7], [1], [9]])
        #expect(found.first?.samples.values == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test func `chunks outside of the range are left out, and series without any`() async throws {
        var request = all
        request.range = TimeRange(start: 3, end: 6)
        let found = try await gatherer(
            FixedDirectory(ingesters: [
                ingester("a", [series(0, [1, 2, 3, 4, 5, 6]), series(1, [1, 9]), series(2, [5])])
            ])
        ).samples(request).all
        let wanted = found.map { $0.samples.timestamps.filter { request.range.contains($0) } }
        #expect(wanted == [[3, 4, 5], [5]])
    }

    @Test(arguments: [
        (missing: [String](), failing: [String](), tolerated: 0, named: String?.none),
        ([], ["b"], 1, nil),
        (["x"], [], 1, nil),
        (["x"], ["a"], 2, nil),
        ([], ["b"], 0, "1 ingesters did not answer, at most 0 may be missing: b: "),
        (["x"], [], 0, "1 ingesters did not answer, at most 0 may be missing: x: not ready"),
        (
            ["x"], ["a", "b"], 2,
            "3 ingesters did not answer, at most 2 may be missing: a: ingester takes no reads"
        ),
    ])
    func `as many may be missing as an answer may miss, and more are named`(
        missing: [String],
        failing: [String],
        tolerated: Int,
        named: String?
    ) async throws {
        let ingesters = ["a", "b", "c"].map { name in
            var ingester = ingester(name, [series(0, [1])])
            if failing.contains(name) { ingester.mood = .failing }
            return ingester
        }
        let gatherer = gatherer(
            FixedDirectory(ingesters: ingesters, missing: missing, tolerated: tolerated)
        )
        guard let named else {
            #expect(try await gatherer.samples(all).all.map(\.samples.timestamps) == [[1]])
            #expect(try await gatherer.series(all).count == 1)
            return
        }
        let error = await #expect(throws: QueryError.self) {
            _ = try await gatherer.samples(all).all
        }
        guard case .unavailable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.hasPrefix(named), "\(text)")
        for name in missing + failing { #expect(text.contains("\(name): ")) }
    }

    @Test func `before the ring was read there is no answer`() async throws {
        struct UnreadDirectory: IngesterDirectory {
            func readers() -> ReadSet { .unread }
        }
        let gatherer = gatherer(UnreadDirectory())
        let error = await #expect(throws: QueryError.self) { try await gatherer.samples(all) }
        guard case .unavailable(let text) = error else {
            Issue.record("\(String(describing: error)) instead of unavailable")
            return
        }
        #expect(text.contains("the ring was not read yet"))
    }

    @Test func `who joined while the ring could not be read is asked once it can be`() async throws
    {
        final class LateDirectory: IngesterDirectory {
            let known: FixedDirectory
            let all: FixedDirectory
            let isStoreAway: Bool
            private let isFresh = Mutex(false)

            init(_ known: FixedDirectory, _ all: FixedDirectory, isStoreAway: Bool) {
                self.known = known
                self.all = all
                self.isStoreAway = isStoreAway
            }

            func readers() -> ReadSet { (isFresh.withLock { $0 } ? all : known).readers() }

            func refresh() async throws {
                if isStoreAway { throw StoreError.unavailable("the test says so") }
                isFresh.withLock { $0 = true }
            }
        }
        let old = ingester("a", [series(0, [1])])
        let new = ingester("b", [series(0, [2])])
        let known = FixedDirectory(ingesters: [old], missing: [], tolerated: 0)
        let both = FixedDirectory(ingesters: [old, new], missing: [], tolerated: 0)
        let fresh = LateDirectory(known, both, isStoreAway: false)
        let answer = try await gatherer(fresh).samples(all).all
        #expect(answer.map(\.samples.timestamps) == [[1, 2]])
        let away = LateDirectory(known, both, isStoreAway: true)
        let error = await #expect(throws: QueryError.self) {
            _ = try await gatherer(away).samples(all)
        }
        guard case .storeAway = error else {
            Issue.record("\(String(describing: error)) instead of a store that is away")
            return
        }
    }

    @Test func `who joined a moment ago is asked where the other witness does not answer`()
        async throws
    {
        /// Each reading of the ring shows one more ingester.
        final class GrowingDirectory: IngesterDirectory {
            let ingesters: [MemoryIngester]
            private let known: Mutex<Int>
            private let isStoreAway: Bool

            init(_ ingesters: [MemoryIngester], known: Int, isStoreAway: Bool = false) {
                self.ingesters = ingesters
                self.known = Mutex(known)
                self.isStoreAway = isStoreAway
            }

            var knownCount: Int { known.withLock { $0 } }

            func readers() -> ReadSet {
                FixedDirectory(ingesters: Array(ingesters.prefix(knownCount)), tolerated: 1)
                    .readers()
            }

            func refreshNow() async throws {
                if isStoreAway { throw StoreError.unavailable("the test says so") }
                known.withLock { $0 = min($0 + 1, ingesters.count) }
            }
        }
        var silent = ingester("a", [series(0, [1, 2])])
        silent.mood = .failing
        let old = ingester("b", [series(0, [1])])
        let newest = ingester("d", [series(0, [2])])
        let four = [silent, old, ingester("c", []), newest]
        for request in ["samples", "series", "values"] {
            let directory = GrowingDirectory(four, known: 2)
            let gatherer = gatherer(directory)
            switch request {
            case "samples":
                #expect(try await gatherer.samples(all).all.map(\.samples.timestamps) == [[1, 2]])
            case "series":
                #expect(try await gatherer.series(all).count == 1)
            default:
                #expect(try await gatherer.labelValues("pod", all) == ["0"])
            }
            #expect(directory.knownCount == 4)
        }
        // Nobody looks where all have answered.
        let whole = GrowingDirectory([old, newest], known: 1)
        #expect(try await gatherer(whole).samples(all).all.map(\.samples.timestamps) == [[1]])
        #expect(whole.knownCount == 1)
        // For ever more of them nobody waits.
        let growing = GrowingDirectory(
            [silent] + (0..<20).map { ingester("n\($0)", []) },
            known: 2
        )
        await #expect {
            try await gatherer(growing).samples(all)
        } throws: { String(describing: $0).contains("others joined") }
        let away = GrowingDirectory([silent, old], known: 2, isStoreAway: true)
        let error = await #expect(throws: QueryError.self) {
            _ = try await gatherer(away).samples(all)
        }
        guard case .storeAway = error else {
            Issue.record("\(String(describing: error)) instead of a store that is away")
            return
        }
    }

    @Test func `a zone may be missing as a whole, two zones may not`() async throws {
        let names = ["a1", "a2", "b1", "b2", "c1", "c2"]
        func directory(failing: Set<String>) -> FixedDirectory {
            FixedDirectory(
                ingesters: names.map { name in
                    var ingester = ingester(name, [series(0, [1])])
                    if failing.contains(name) { ingester.mood = .failing }
                    return ingester
                },
                missing: [],
                tolerated: 1,
                zones: [["a1", "a2"], ["b1", "b2"], ["c1", "c2"]]
            )
        }
        let answer = try await gatherer(directory(failing: ["b1", "b2"])).samples(all).all
        #expect(answer.map(\.samples.timestamps) == [[1]])
        await #expect(throws: QueryError.self) {
            _ = try await gatherer(directory(failing: ["b1", "c2"])).samples(all)
        }
    }

    @Test func `of a tenant's shard alone is asked, and alone counts who is missing`() async throws
    {
        let calls = CallList()
        let ingesters = ["a", "b", "c", "d", "e"].map { name in
            var ingester = ingester(name, calls: calls, [series(0, [1])])
            if name > "b" { ingester.mood = .failing }
            return ingester
        }
        var directory = FixedDirectory(ingesters: ingesters, missing: ["x", "y"], tolerated: 1)
        directory.shards = [tenant: ["a", "b", "c"]]
        let gatherer = gatherer(directory)
        #expect(try await gatherer.samples(all).all.map(\.samples.timestamps) == [[1]])
        #expect(try await gatherer.labelNames(all) == ["__name__", "pod"])
        #expect(Set(calls.all).isDisjoint(with: ["d", "e"]))
        // Two of its own are too many.
        directory.shards = [tenant: ["a", "c", "x"]]
        let error = await #expect(throws: QueryError.self) {
            _ = try await self.gatherer(directory).samples(all)
        }
        guard case .unavailable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("x: not ready"), "\(text)")
        #expect(!text.contains("y: "), "\(text)")
    }

    @Test func `an ingester that hangs is not waited for where the others are enough`() async throws
    {
        let givenUp = CallList()
        var ingesters = ["a", "b", "c"].map { ingester($0, [series(0, [1])]) }
        ingesters[1].mood = .hanging
        var gatherer = gatherer(FixedDirectory(ingesters: ingesters, tolerated: 1))
        gatherer.onGivenUp = { for name in $0 { givenUp.add(name) } }
        #expect(try await gatherer.samples(all).all.map(\.samples.timestamps) == [[1]])
        #expect(givenUp.all == ["b"])
    }

    @Test func `an ingester whose answer is needed is waited for`() async throws {
        let calls = CallList()
        var ingesters = ["a", "b", "c"].map { ingester($0, calls: calls, [series(0, [1])]) }
        ingesters[0].mood = .failing
        ingesters[1].waitsFor = "released"
        let gatherer = gatherer(FixedDirectory(ingesters: ingesters, tolerated: 1))
        let found = Task { try await gatherer.series(all).count }
        await eventually { calls.all.count == 3 }
        calls.add("released")
        #expect(try await found.value == 1)
    }

    @Test(arguments: [
        (Duration.milliseconds(1), Duration.milliseconds(20)),
        (.milliseconds(40), .milliseconds(80)), (.seconds(3), .milliseconds(500)),
    ])
    func `slow ingesters get twice the time of the others, within bounds`(
        taken: Duration,
        expected: Duration
    ) {
        #expect(Gatherer.lastWait(after: taken) == expected)
    }

    @Test func `a partial answer says which ingesters are missing`() async throws {
        var ingesters = ["a", "b", "c"].map { ingester($0, [series(0, [1])]) }
        ingesters[0].mood = .failing
        ingesters[2].mood = .failing
        let partial = PartialAnswer()
        let gatherer = gatherer(
            FixedDirectory(ingesters: ingesters, missing: ["x"], tolerated: 1)
        ).allowing(partial)
        var request = all
        request.range = TimeRange(start: 1000, end: 2500)
        _ = try await gatherer.series(request)
        _ = try await gatherer.series(request)
        let state = "ingester takes no reads"
        #expect(partial.warnings.count == 1)
        let warning = partial.warnings.first ?? ""
        #expect(warning.contains("from 1.0 to 2.5"), "\(warning)")
        #expect(warning.contains("3 ingesters did not answer: a: \(state)"), "\(warning)")
        #expect(warning.contains("x: not ready"), "\(warning)")
        #expect(!warning.contains("b: "), "\(warning)")
    }

    @Test func `a partial answer that lacks nothing has no warning`() async throws {
        var ingesters = ["a", "b", "c"].map { ingester($0, [series(0, [1])]) }
        ingesters[0].mood = .failing
        let partial = PartialAnswer()
        let gatherer = gatherer(FixedDirectory(ingesters: ingesters, tolerated: 1))
        #expect(try await gatherer.allowing(partial).series(all).count == 1)
        #expect(partial.warnings.isEmpty)
    }

    @Test func `labels of memory and blocks are united`() async throws {
        let store = MemoryStore()
        try store.add(tenant, [series(0, [1]), series(1, [1])])
        let gatherer = gatherer(
            FixedDirectory(ingesters: [ingester("a", [series(1, [5]), series(2, [5])])]),
            store
        )
        #expect(try await gatherer.series(all) == (0...2).map { series($0, []).labels })
        #expect(try await gatherer.labelNames(all) == ["__name__", "pod"])
        #expect(try await gatherer.labelValues("pod", all) == ["0", "1", "2"])
    }

    @Test func `a damaged chunk from an ingester is an error`() async throws {
        struct Damaged: IngesterClient {
            func write(_ batch: WriteBatch) async throws -> WriteAnswer { WriteAnswer() }
            func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
                [
                    SelectedSeries(
                        labels: ["a": "b"],
                        chunks: [.init(minTime: 0, maxTime: 9, count: 5, bytes: [1, 2, 3])]
                    )
                ]
            }
            func series(_ request: SelectRequest) async throws -> [Labels] { [] }
            func labelNames(_ request: SelectRequest) async throws -> [String] { [] }
            func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
                []
            }
            func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] { [] }
            func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { [] }
        }
        struct Directory: IngesterDirectory {
            func readers() -> ReadSet {
                ReadSet(only: "a", client: Damaged())
            }
        }
        let gatherer = Gatherer(
            directory: Directory(),
            blocks: BlockReader(store: MemoryStore(), cacheSize: 0, workers: SerialWorkers())
        )
        let error = await #expect(throws: QueryError.self) {
            _ = try await gatherer.samples(all).all
        }
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a deletion that was done hides a block that came later and has not seen it`()
        async throws
    {
        let store = MemoryStore()
        try store.add(tenant, number: 1, deletionsSeen: 1, [series(1, [1, 20])])
        try store.add(tenant, number: 2, deletionsSeen: 0, [series(1, [2, 30]), series(2, [3])])
        func deletion(_ number: Int64, _ range: TimeRange) -> SeriesDeletion {
            SeriesDeletion(
                tenant: tenant,
                number: number,
                selectors: ["m"],
                range: range,
                phase: .done
            )
        }
        // The newest is about other times, and means neither block.
        let deletions = MemoryDeletions([
            deletion(1, TimeRange(start: 0, end: 10)), deletion(2, TimeRange(start: 40, end: 50)),
        ])
        let gatherer = gatherer(FixedDirectory(ingesters: []), store, deletions)
        #expect(
            try await gatherer.samples(all).all.map(\.samples.timestamps) == [[1, 20, 30], []]
        )
        #expect(try await gatherer.series(all).map { $0.value(of: "pod") } == ["1", "2"])
        let early = SelectRequest(
            tenant: tenant,
            matchers: all.matchers,
            range: TimeRange(start: 0, end: 10)
        )
        #expect(try await gatherer.series(early).map { $0.value(of: "pod") } == ["1"])
    }

    private func gatherer(
        _ directory: any IngesterDirectory,
        _ store: MemoryStore = MemoryStore(),
        _ deletions: MemoryDeletions? = nil
    ) -> Gatherer {
        Gatherer(
            directory: directory,
            blocks: BlockReader(store: store, cacheSize: 1 << 20, workers: SerialWorkers()),
            deletions: deletions
        )
    }

    private func ingester(
        _ name: String,
        calls: CallList = CallList(),
        _ series: [MemoryIngester.Series]
    ) -> MemoryIngester {
        MemoryIngester(name: name, data: [tenant: series], calls: calls)
    }

    private func series(_ number: Int, _ times: [Int64]) -> MemoryIngester.Series {
        MemoryIngester.Series(
            labels: ["__name__": "m", "pod": "\(number)"],
            samples: times.map { ($0, Double($0)) }
        )
    }
}

extension Gatherer {
    /// The series of a request without a bound on memory.
    func samples(_ request: SelectRequest) async throws -> GatheredSeries {
        try await samples(request, memory: .unbounded(), rename: nil, check: {})
    }
}

extension GatheredSeries {
    func labelsAndSamples(_ index: Int) throws -> (labels: Labels, samples: SampleColumns) {
        var columns = SampleColumns()
        try read(index, into: &columns)
        return (labels(at: index), columns)
    }

    /// All series, sorted by labels.
    var all: [(labels: Labels, samples: SampleColumns)] {
        get throws {
            try (0..<count).map { try labelsAndSamples($0) }.sorted { $0.labels < $1.labels }
        }
    }
}
