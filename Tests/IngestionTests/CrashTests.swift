import ClusterInterface
import Ingestion
import MetricsModel
import Testing
import WriteAheadLog

/// Runs a random sequence of writes and flushes, and lets the process die after each single thing it did.
@Suite(.timeLimit(.minutes(2))) struct CrashTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `at every point of a crash, store and replayed memory hold just what the log had`(
        seed: UInt64
    ) async throws {
        var run = RandomRun(seed: seed)
        let log = MemoryLog(recordsPerSegment: 6)
        let first = Fixture(
            log: log,
            store: MemoryBlockStore(journal: log.journal),
            change: { RandomRun.settings(&$0) }
        )
        try await run.go(on: first, steps: 40)
        let events = log.journal.events
        for count in 0...events.count {
            let recovered = try Self.recover(events.prefix(count))
            let expected = run.expected(after: count)
            try await Self.check(recovered, expected, seed, count)
        }
    }

    @Test(arguments: 11...16 as ClosedRange<UInt64>)
    func `a run that goes on after a crash survives the next one`(seed: UInt64) async throws {
        var run = RandomRun(seed: seed)
        let (left, crash, time) = try await Self.crash(&run)
        let second = try Self.recover(left, recordsPerSegment: 5)
        second.clock.set(time)
        second.ingester.setLife(.active)
        try await run.go(on: second, steps: 25)

        let events = second.log.journal.events
        for count in stride(from: crash, through: events.count, by: 3) {
            let recovered = try Self.recover(events.prefix(count))
            try await Self.check(recovered, run.expected(after: count), seed, count)
        }
    }

    @Test(arguments: 21...28 as ClosedRange<UInt64>)
    func `writes that come while the log is read survive this crash and the next one`(
        seed: UInt64
    ) async throws {
        var run = RandomRun(seed: seed)
        let (left, crash, time) = try await Self.crash(&run)
        let second = Self.restart(left, recordsPerSegment: 5)
        second.clock.set(time)

        second.ingester.beginReplay()
        second.ingester.setLife(.replaying)
        let firstSegment = second.log.currentSegment
        for record in second.log.records {
            if run.pick(below: 3) == 0 { try await run.go(on: second, steps: 3) }
            try Self.replay([record], into: second)
        }
        // More than are read while writes wait.
        try await run.go(on: second, steps: 150)
        var next = firstSegment
        var rounds = 0
        while true {
            let part = await second.ingester.endArrivals()
            rounds += 1
            let end = try #require(part.end)
            try Self.replay(
                second.log.records.filter { (next..<end).contains($0.segment) },
                into: second
            )
            next = end
            guard !part.isLast else { break }
            try await run.go(on: second, steps: 10)
        }
        #expect(rounds == 2)
        second.ingester.finishReplay(ReplayOutcome())
        second.ingester.setLife(.active)
        let length = second.log.journal.count
        let memory = try await SampleSet.memory(of: second.ingester, RandomRun.tenants)
        var found = memory
        found.formUnion(try SampleSet.stored(in: second.store.blocks))
        #expect(found == run.expected(after: length), "seed \(seed)")

        try await run.go(on: second, steps: 25)
        let events = second.log.journal.events
        for count in stride(from: crash, through: events.count, by: 7) {
            let recovered = try Self.recover(events.prefix(count))
            try await Self.check(recovered, run.expected(after: count), seed, count)
        }
    }

    /// Lets a first process write and flush, and die somewhere.
    ///
    /// - Returns: What it did, how much that was, and when.
    private static func crash(
        _ run: inout RandomRun
    ) async throws -> (left: ArraySlice<Journal.Event>, count: Int, time: Int64) {
        let log = MemoryLog(recordsPerSegment: 5)
        let fixture = Fixture(
            log: log,
            store: MemoryBlockStore(journal: log.journal),
            change: { RandomRun.settings(&$0) }
        )
        try await run.go(on: fixture, steps: 25)
        let crash = run.pick(below: log.journal.count + 1)
        run.restart(at: crash)
        return (log.journal.events.prefix(crash), crash, fixture.clock.now)
    }

    /// Starts an ingester on what these events left in log and store, and replays its log.
    private static func recover(
        _ events: some Sequence<Journal.Event>,
        recordsPerSegment: Int = .max
    ) throws -> Fixture {
        let fixture = restart(events, recordsPerSegment: recordsPerSegment)
        try replay(fixture.log.records, into: fixture)
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.readOnly)
        return fixture
    }

    private static func restart(
        _ events: some Sequence<Journal.Event>,
        recordsPerSegment: Int
    ) -> Fixture {
        let journal = Journal(events)
        let newest = journal.events.compactMap { event -> UInt64? in
            guard case .appended(_, let segment) = event else { return nil }
            return segment
        }.max()
        let log = MemoryLog(
            journal: journal,
            firstSegment: (newest ?? 0) + 1,
            recordsPerSegment: recordsPerSegment
        )
        return Fixture(
            log: log,
            store: MemoryBlockStore(journal: journal, blocks: journal.events.blocks),
            life: nil,
            change: { RandomRun.settings(&$0) }
        )
    }

    private static func replay(
        _ records: [(segment: UInt64, bytes: [UInt8])],
        into fixture: Fixture
    ) throws {
        for (segment, bytes) in records {
            fixture.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
    }

    private static func check(
        _ fixture: Fixture,
        _ expected: SampleSet,
        _ seed: UInt64,
        _ count: Int
    ) async throws {
        var found = try await SampleSet.memory(of: fixture.ingester, RandomRun.tenants)
        found.formUnion(try SampleSet.stored(in: fixture.store.blocks))
        #expect(found == expected, "seed \(seed), crash after \(count) events")

        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        let stored = try SampleSet.stored(in: fixture.store.blocks)
        #expect(stored == expected, "flushed; seed \(seed), crash after \(count) events")
        let left = try await SampleSet.memory(of: fixture.ingester, RandomRun.tenants)
        #expect(left.count == 0)
        let segments = fixture.log.records.map(\.segment)
        #expect(segments.allSatisfy { $0 == fixture.log.currentSegment })
    }
}
