import ClusterInterface
import MetricsModel
import PromQL
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct StoreAwayTests {
    private let tenant = TenantID.anonymous
    private let away = StoreError.unavailable("connection refused")
    /// From 100 s on.
    private let recent = SelectRequest(
        tenant: .anonymous,
        matchers: [],
        range: TimeRange(start: 100_000, end: 200_000)
    )

    @Test func `without the store recent samples come from the ingesters`() async throws {
        let setup = try await setup(whole: [100_000, 100_000, 100_000])
        let found = try await setup.gatherer.samples(recent).all
        #expect(found.map(\.samples.timestamps) == [[150_000, 160_000]])
        #expect(try await setup.gatherer.series(recent) == [series([]).labels])
        #expect(try await setup.gatherer.labelNames(recent) == ["__name__", "pod"])
        #expect(try await setup.gatherer.labelValues("pod", recent) == ["a"])
        let notes = setup.notes.all
        #expect(notes.count == 1)
        #expect(notes[0].hasPrefix("the store does not answer: connection refused; the answer is "))
        // Told to be whole only after the answer: what leaves memory meanwhile counts.
        let calls = setup.calls.all.filter { $0.hasPrefix("i0") }
        #expect(calls == Array(repeating: ["i0", "i0 whole"], count: 4).flatMap(\.self))
    }

    @Test(arguments: [
        // As many may have dropped something, or be missing, as an answer may miss.
        (whole: [100_000, 100_000, 100_001], missing: [String](), answered: true),
        ([.max, 100_000, 100_000], [], true),
        ([100_001, 100_001, 100_000], [], false),
        ([100_000, 100_000], ["i2"], true),
        ([100_000, 100_001], ["i2"], false),
        ([.max, .max, .max], [], false),
    ])
    func `ingesters that dropped samples of the range count as missing`(
        whole: [Int64],
        missing: [String],
        answered: Bool
    ) async throws {
        let setup = try await setup(whole: whole, missing: missing)
        let result = await Result { try await setup.gatherer.series(recent) }
        switch result {
        case .success: #expect(answered)
        case .failure(QueryError.unavailable(let text)):
            #expect(!answered)
            #expect(text.hasPrefix("the store does not answer: connection refused; "))
        case .failure(let error): Issue.record(error)
        }
        #expect(setup.notes.all.isEmpty != answered)
    }

    @Test func `an older range is an error that says from when on there are answers`() async throws
    {
        let setup = try await setup(whole: [150_000, 120_000, 130_000])
        await #expect {
            try await setup.gatherer.samples(recent)
        } throws: { error in
            String(describing: error)
                == "the store does not answer: connection refused; without it only samples from 130.0 on "
                + "can be answered, which ingesters have in memory; this query needs samples from 100.0 on"
        }
    }

    @Test func `an ingester that left with samples of the range makes it an error`() async throws {
        let setup = try await setup(whole: [0, 0, 0], knownSince: 100_001)
        await #expect(throws: QueryError.self) { try await setup.gatherer.series(recent) }
        let other = try await self.setup(whole: [0, 0, 0], knownSince: 100_000)
        #expect(try await other.gatherer.series(recent).count == 1)
    }

    @Test func `zones count once`() async throws {
        let setup = try await setup(
            whole: [.max, .max, 0],
            zones: [["i0", "i1"], ["i2"]]
        )
        #expect(try await setup.gatherer.series(recent).count == 1)
        let other = try await self.setup(whole: [.max, 0, .max], zones: [["i0", "i1"], ["i2"]])
        await #expect(throws: QueryError.self) { try await other.gatherer.series(recent) }
    }

    @Test func `while the store answers nobody is asked, and blocks are read`() async throws {
        let setup = try await setup(whole: [.max, .max, .max])
        setup.store.fail(with: nil)
        setup.deletions.fail(with: nil)
        let found = try await setup.gatherer.samples(recent).all
        #expect(found.map(\.samples.timestamps) == [[150_000, 160_000, 170_000]])
        #expect(!setup.calls.all.contains { $0.hasSuffix("whole") })
        #expect(setup.notes.all.isEmpty)
    }

    @Test func `deletions of the copy hide samples in memory`() async throws {
        let deletion = SeriesDeletion(
            tenant: tenant,
            number: 1,
            selectors: ["m"],
            range: TimeRange(start: 0, end: 155_000)
        )
        let setup = try await setup(whole: [0, 0, 0], deletions: [deletion])
        let found = try await setup.gatherer.samples(recent).all
        #expect(found.map(\.samples.timestamps) == [[160_000]])
    }

    @Test func `without a copy of the deletions nothing is answered`() async throws {
        var gatherer = try await setup(whole: [0, 0, 0]).gatherer
        gatherer.deletionCopy = DeletionCopy()
        await #expect {
            try await gatherer.series(recent)
        } throws: { String(describing: $0).hasSuffix("; deletions were never read before") }
        gatherer.deletionCopy = nil
        await #expect {
            try await gatherer.series(recent)
        } throws: { String(describing: $0) == "the store does not answer: connection refused" }
    }

    @Test func `a copy that cannot be read anew stays as it is`() async throws {
        let deletions = MemoryDeletions([
            SeriesDeletion(tenant: tenant, number: 1, selectors: [], range: .all)
        ])
        let copy = DeletionCopy()
        #expect(copy.deletions(of: tenant, overlapping: .all) == nil)
        try await copy.refresh(from: deletions)
        deletions.fail(with: away)
        await #expect(throws: away) { try await copy.refresh(from: deletions) }
        #expect(copy.deletions(of: tenant, overlapping: .all)?.deletions.count == 1)
        let other = try TenantID("other")
        #expect(copy.deletions(of: other, overlapping: .all)?.deletions.isEmpty == true)
    }

    @Test func `a query says beside its result that it did without the store`() async throws {
        let store = MemoryStore()
        store.fail(with: away)
        let copy = DeletionCopy()
        try await copy.refresh(from: MemoryDeletions())
        let querier = Querier(
            settings: QueryingSettings(),
            directory: FixedDirectory(ingesters: [ingester(0, whole: 100_000)]),
            store: store,
            deletionCopy: copy,
            workers: InlineWorkers()
        )
        // An instant selector looks back 5 min.
        let result = try await querier.query(QueryRequest("m[50s] offset 10s", at: 180_000))
        #expect(result.text.contains("150000"))
        #expect(result.warnings.count == 1)
        await #expect(throws: QueryError.self) {
            try await querier.query(QueryRequest("m", at: 180_000))
        }
    }

    private struct Setup {
        var gatherer: Gatherer
        var store: MemoryStore
        var deletions: MemoryDeletions
        var notes: AnswerNotes
        var calls: CallList
    }

    /// Ingesters with two samples each, a store with one more that is away, and a copy of the deletions.
    ///
    /// - Parameter whole: Since when each ingester has everything.
    private func setup(
        whole: [Int64],
        missing: [String] = [],
        zones: [[String]] = [],
        knownSince: Int64 = .min,
        deletions: [SeriesDeletion] = []
    ) async throws -> Setup {
        let calls = CallList()
        let store = MemoryStore()
        try store.add(tenant, [series([150_000, 170_000])])
        let stored = MemoryDeletions(deletions)
        let copy = DeletionCopy()
        try await copy.refresh(from: stored)
        store.fail(with: away)
        stored.fail(with: away)
        let directory = FixedDirectory(
            ingesters: whole.enumerated().map { ingester($0, whole: $1, calls) },
            missing: missing,
            tolerated: 1,
            zones: zones,
            knownSince: knownSince
        )
        let notes = AnswerNotes()
        let gatherer = Gatherer(
            directory: directory,
            blocks: BlockReader(store: store, cacheSize: 1 << 20, workers: SerialWorkers()),
            deletions: stored,
            deletionCopy: copy,
            notes: notes
        )
        return Setup(
            gatherer: gatherer,
            store: store,
            deletions: stored,
            notes: notes,
            calls: calls
        )
    }

    private func ingester(
        _ number: Int,
        whole: Int64,
        _ calls: CallList = CallList()
    ) -> MemoryIngester {
        MemoryIngester(
            name: "i\(number)",
            data: [tenant: [series([150_000, 160_000])]],
            calls: calls,
            wholeSince: whole
        )
    }

    private func series(_ times: [Int64]) -> MemoryIngester.Series {
        MemoryIngester.Series(
            labels: ["__name__": "m", "pod": "a"],
            samples: times.map { ($0, Double($0)) }
        )
    }
}

extension Result where Failure == any Error {
    /// The outcome of what takes time.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
