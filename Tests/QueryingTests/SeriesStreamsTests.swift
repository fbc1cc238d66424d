import ClusterInterface
import MetricsModel
import PromQL
import Synchronization
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct SeriesStreamsTests {
    private let request = SelectRequest(tenant: .anonymous, matchers: [], range: .all)
    private let pieces = SeriesMergeTests.pieces(
        (0..<2000).map { SeriesMergeTests.series($0, chunkCount: 2) },
        ofSize: 8000
    )

    @Test func `streams of replicas are one copy, and memory counts one copy`() async throws {
        let memory = MemoryAccount(name: "query", limit: .max)
        var gatherer = gatherer([.init("a", pieces), .init("b", pieces), .init("c", pieces)])
        // Nobody is passed by, however slow this machine is.
        gatherer.clock = StoppedClock()
        let found = try await gatherer.samples(request, memory: memory, rename: nil, check: {})
        #expect(found.count == 2000)
        let copy = pieces.reduce(0) { $0 + $1.size }
        #expect(memory.current == copy)
        let window = 3 * SeriesMerge.maximumPieces * (pieces.map(\.size).max() ?? 0)
        #expect(memory.peak <= copy + window)
    }

    @Test func `a stream that breaks off in the middle is missing, and what it sent is not lost`()
        async throws
    {
        let broken = StreamingIngester("a", Array(pieces.prefix(3)), end: .broken)
        let others = [StreamingIngester("b", pieces), StreamingIngester("c", pieces)]
        let found = try await gatherer([broken] + others, tolerated: 1).samples(request)
        #expect(found.count == 2000)
        let error = await #expect(throws: QueryError.self) {
            _ = try await gatherer([broken] + others, tolerated: 0).samples(request)
        }
        guard case .unavailable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("1 ingesters did not answer"), "\(text)")
        #expect(text.contains("a: "), "\(text)")
        let partial = PartialAnswer()
        let half = try await gatherer([broken], plus: [.init("b", [], end: .broken)], tolerated: 0)
            .allowing(partial).samples(request)
        #expect(half.count == pieces.prefix(3).reduce(0) { $0 + $1.count })
        #expect(partial.warnings.count == 1)
        #expect(partial.warnings.first?.contains("2 ingesters did not answer") == true)
    }

    @Test func `a stream that stalls in the middle is not waited for where the others are enough`()
        async throws
    {
        let givenUp = CallList()
        var gatherer = gatherer(
            [
                .init("a", pieces), .init("b", Array(pieces.prefix(2)), end: .hanging),
                .init("c", pieces),
            ],
            tolerated: 1
        )
        gatherer.onGivenUp = { for name in $0 { givenUp.add(name) } }
        let begun = ContinuousClock.now
        let found = try await gatherer.samples(request)
        #expect(found.count == 2000)
        #expect(givenUp.all == ["b"])
        #expect(ContinuousClock.now - begun < .seconds(20))
    }

    @Test func `a stream that stalls is waited for where it is needed`() async throws {
        let gate = CallList()
        let slow = StreamingIngester("b", pieces, waitsAfter: 2, gate: gate)
        let gatherer = gatherer([.init("a", pieces), slow], tolerated: 0)
        let found = Task { try await gatherer.samples(request) }
        await eventually { gate.all.contains("waits") }
        gate.add("open")
        #expect(try await found.value.count == 2000)
    }

    @Test func `an ingester that is ahead sends no more than its window until others send`()
        async throws
    {
        let log = CallList()
        let memory = MemoryAccount(name: "query", limit: .max)
        let streams = SeriesStreams(
            count: 2,
            seed: TenantSeed(.anonymous),
            memory: memory,
            clock: StoppedClock()
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            let fast = StreamingIngester("a", pieces, log: log)
            group.addTask { try await streams.read(0, fast, self.request) }
            await eventually { log.all.count == SeriesMerge.maximumPieces }
            // Others run as often as they like: it stays so.
            for _ in 0..<1000 { await Task.yield() }
            #expect(log.all.count == SeriesMerge.maximumPieces)
            let held = pieces.prefix(SeriesMerge.maximumPieces).reduce(0) { $0 + $1.size }
            #expect(memory.current == held)
            let slow = StreamingIngester("b", pieces)
            group.addTask { try await streams.read(1, slow, self.request) }
            try await group.waitForAll()
        }
        #expect(log.all.count == pieces.count)
        #expect(try streams.finish(count: 2).merged.pages.reduce(0) { $0 + $1.count } == 2000)
    }

    @Test func `a cancelled query ends streams that wait`() async throws {
        let log = CallList()
        let streams = SeriesStreams(
            count: 2,
            seed: TenantSeed(.anonymous),
            memory: .unbounded(),
            clock: StoppedClock()
        )
        let fast = StreamingIngester("a", pieces, log: log)
        let reading = Task { try await streams.read(0, fast, request) }
        await eventually { log.all.count == SeriesMerge.maximumPieces }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test func `more than a query may hold is an error, and all streams end`() async throws {
        let copy = pieces.reduce(0) { $0 + $1.size }
        for partial in [nil, PartialAnswer()] {
            let memory = MemoryAccount(name: "query", limit: copy / 2)
            let gatherer = gatherer([.init("a", pieces), .init("b", pieces)], tolerated: 1)
                .allowing(partial)
            await #expect(throws: MemoryLimitExceeded.self) {
                _ = try await gatherer.samples(request, memory: memory, rename: nil, check: {})
            }
            #expect(partial?.warnings.isEmpty != false)
        }
    }

    @Test func `an ingester that sends damaged series did not answer`() async throws {
        var bytes = pieces[0].bytes
        // The first letter of the first label's name.
        bytes[8] ^= 1
        let bad = try PackedSeries(
            fingerprints: pieces[0].fingerprints,
            ends: pieces[0].ends,
            bytes: bytes
        )
        let list = [StreamingIngester("a", [bad]), .init("b", pieces), .init("c", pieces)]
        #expect(try await gatherer(list, tolerated: 1).samples(request).count == 2000)
        let error = await #expect(throws: QueryError.self) {
            _ = try await gatherer(list, tolerated: 0).samples(request)
        }
        #expect("\(String(describing: error))".contains("a: "))
    }

    @Test(arguments: [(1, 20), (100, 200), (400, 500), (10_000, 5000)])
    func `waits may take as long as for a slow answer, or half of the time without them`(
        taken: Int,
        allowed: Int
    ) {
        #expect(SeriesStreams.allowance(after: .milliseconds(taken)) == .milliseconds(allowed))
    }

    private func gatherer(
        _ ingesters: [StreamingIngester],
        plus others: [StreamingIngester] = [],
        tolerated: Int = 0
    ) -> Gatherer {
        struct Directory: IngesterDirectory {
            let ingesters: [StreamingIngester]
            let tolerated: Int

            func readers() -> ReadSet {
                ReadSet(
                    members: ingesters.enumerated().map {
                        ReadSet.Member(instance: $1.name, domain: UInt32($0), client: $1)
                    },
                    missing: [],
                    tolerated: tolerated
                )
            }
        }
        return Gatherer(
            directory: Directory(ingesters: ingesters + others, tolerated: tolerated),
            blocks: BlockReader(store: MemoryStore(), cacheSize: 1 << 20, workers: SerialWorkers())
        )
    }
}

/// A clock on which no wait ever ends.
private struct StoppedClock: Clock {
    struct Instant: InstantProtocol {
        func advanced(by duration: Duration) -> Instant { self }
        func duration(to other: Instant) -> Duration { .zero }
        static func < (left: Instant, right: Instant) -> Bool { false }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await Task.sleep(for: .seconds(3600))
    }
}

/// An ingester that sends the same pieces to everybody.
private struct StreamingIngester: IngesterClient {
    enum End {
        case complete
        case broken
        /// Never, until the caller gives up.
        case hanging
    }

    let name: String
    let pieces: [PackedSeries]
    var end = End.complete
    /// Told of each piece before it is handed over.
    var log = CallList()
    /// Pieces after which it waits until the gate is told to open.
    var waitsAfter: Int?
    var gate = CallList()

    init(
        _ name: String,
        _ pieces: [PackedSeries],
        end: End = .complete,
        log: CallList = CallList(),
        waitsAfter: Int? = nil,
        gate: CallList = CallList()
    ) {
        self.name = name
        self.pieces = pieces
        self.end = end
        self.log = log
        self.waitsAfter = waitsAfter
        self.gate = gate
    }

    func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        for (index, piece) in pieces.enumerated() {
            if index == waitsAfter {
                gate.add("waits")
                await eventually { gate.all.contains("open") }
            }
            log.add(name)
            try await take(piece)
        }
        switch end {
        case .complete: break
        case .broken: throw IngesterError.notAcceptingReads(state: "broken")
        case .hanging: try await Task.sleep(for: .seconds(3600))
        }
    }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer { WriteAnswer() }
    func select(_ request: SelectRequest) async throws -> [SelectedSeries] { [] }
    func series(_ request: SelectRequest) async throws -> [Labels] { [] }
    func labelNames(_ request: SelectRequest) async throws -> [String] { [] }
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] { [] }
    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] { [] }
    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { [] }
}
