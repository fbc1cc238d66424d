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
        let log = MemoryLog(recordsPerSegment: 5)
        let first = Fixture(
            log: log,
            store: MemoryBlockStore(journal: log.journal),
            change: { RandomRun.settings(&$0) }
        )
        try await run.go(on: first, steps: 25)

        // The second run works on the files that the first one left.
        let crash = run.pick(below: log.journal.count + 1)
        let second = try Self.recover(log.journal.events.prefix(crash), recordsPerSegment: 5)
        run.restart(at: crash)
        second.clock.set(first.clock.now)
        second.ingester.setLife(.active)
        try await run.go(on: second, steps: 25)

        let events = second.log.journal.events
        for count in stride(from: crash, through: events.count, by: 3) {
            let recovered = try Self.recover(events.prefix(count))
            try await Self.check(recovered, run.expected(after: count), seed, count)
        }
    }

    /// Starts an ingester on what these events left in log and store.
    private static func recover(
        _ events: some Sequence<Journal.Event>,
        recordsPerSegment: Int = .max
    ) throws -> Fixture {
        let journal = Journal(events)
        let records = journal.events.records
        let newest = journal.events.compactMap { event -> UInt64? in
            guard case .appended(_, let segment) = event else { return nil }
            return segment
        }.max()
        let log = MemoryLog(
            journal: journal,
            firstSegment: (newest ?? 0) + 1,
            recordsPerSegment: recordsPerSegment
        )
        let fixture = Fixture(
            log: log,
            store: MemoryBlockStore(journal: journal, blocks: journal.events.blocks),
            life: nil,
            change: { RandomRun.settings(&$0) }
        )
        for (segment, bytes) in records {
            fixture.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.readOnly)
        return fixture
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
