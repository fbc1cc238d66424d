import ClusterInterface
import EmbeddedStorage
import MetricsModel
import PromQL
import Querying
import Synchronization
import Testing

@testable import Compaction

/// Deletions from the order to the last byte.
@Suite struct DeletionTests {
    private static let selector = #"{__name__="metric_1"}"#
    /// Two hours in the middle of the day.
    private static let range = TimeRange(
        start: DayFixture.day + 9 * DayFixture.hour,
        end: DayFixture.day + 11 * DayFixture.hour
    )

    /// What is left of what a fixture has.
    private static func left(_ expected: [Labels: SampleColumns]) -> [Labels: SampleColumns] {
        var left: [Labels: SampleColumns] = [:]
        for (labels, samples) in expected {
            var samples = samples
            if labels.name == "metric_1" { samples.removeAll { range.contains($0) } }
            if !samples.isEmpty { left[labels] = samples }
        }
        return left
    }

    private static func support(
        _ storeSamples: (@Sendable (TenantID) async throws -> Void)? = { _ in }
    ) -> DeletionSupport {
        DeletionSupport(
            parse: { try Parser.parseSelector($0).matchers },
            storeSamples: storeSamples
        )
    }

    private static func compactor(
        _ store: any Compactor.Store,
        _ support: DeletionSupport = support(),
        leaseDuration: Duration = .seconds(60),
        now: Int64 = StoreFixture.now
    ) -> Compactor {
        var settings = CompactionSettings()
        settings.grace = .zero
        settings.leaseDuration = leaseDuration
        return Compactor(
            settings: settings,
            store: store,
            workers: InlineWorkers(),
            deletions: support,
            now: { now }
        )
    }

    @Test func `a deletion is in force at once, and its bytes go with the next pass`() async throws
    {
        let fixture = try DayFixture.replicated()
        let left = Self.left(fixture.expected)
        let lost =
            fixture.expected.values.reduce(0) { $0 + $1.count }
            - left.values.reduce(0) { $0 + $1.count }
        try #require(lost > 0)
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            let preview = try await place.querier().preview(
                of: .anonymous,
                matching: [try Parser.parseSelector(Self.selector).matchers],
                in: Self.range
            )
            #expect(preview.sampleCount == lost && preview.seriesCount > 0)
            #expect(try await place.faults(fixture.expected, place.querier()).isEmpty)

            let order = try await place.store.order(
                [Self.selector],
                of: .anonymous,
                in: Self.range
            )
            #expect(try await place.faults(left, place.querier()).isEmpty)
            let pass = try await Self.compactor(place.store).runPass()
            #expect(pass.failures.isEmpty && pass.merges == 1)
            #expect(try await place.faults(left, place.querier()).isEmpty)
            let done = try await place.store.deletions(of: .anonymous, limit: 1)
            #expect(done.map(\.number) == [order.number] && done.map(\.phase) == [.done])
            // Replicas lose their copies as well.
            #expect(done[0].removedSamples >= lost)
            // No mask is needed any more.
            #expect(
                try await place.store.deletionsInForce(of: .anonymous, overlapping: .all).isEmpty
            )
            let unmasked = try await place.store.blocks(of: .anonymous, overlapping: .all)
            #expect(
                unmasked.reduce(0) { $0 + $1.sampleCount }
                    == left.values.reduce(0) { $0 + $1.count }
            )
        }
    }

    @Test func `samples that are written after the ingesters have stored theirs stay`() async throws
    {
        var fixture = DayFixture()
        let start = DayFixture.day + 10 * DayFixture.hour
        let old = (DayFixture.labels(1), DayFixture.samples(1, from: start, count: 10))
        try fixture.add(from: start, [old])
        var later = DayFixture()
        let new = (DayFixture.labels(1), DayFixture.samples(1, from: start + 500, count: 10))
        try later.add(from: start, [new])
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            let deletion = try await place.store.order([], of: .anonymous, in: Self.range)
            try await place.store.advance(deletion, to: .stored)
            for block in later.blocks { try await place.store.publish(block) }
            #expect(try await place.faults(later.expected, place.querier()).isEmpty)
            // The two are not merged before the first has lost its samples.
            let pass = try await Self.compactor(place.store).runPass()
            #expect(pass.failures.isEmpty)
            #expect(try await place.faults(later.expected, place.querier()).isEmpty)
            #expect(try await place.store.blocks(of: .anonymous, overlapping: .all).count == 1)
        }
    }

    @Test
    func `what a late block brings back of a deletion goes, and what was written since stays`()
        async throws
    {
        let morning = DayFixture.day + 6 * DayFixture.hour
        let start = DayFixture.day + 10 * DayFixture.hour
        func series(_ number: Int, from start: Int64) -> (Labels, SampleColumns) {
            (DayFixture.labels(number), DayFixture.samples(number, from: start, count: 10))
        }
        func block(from start: Int64, _ series: [(Labels, SampleColumns)]) throws -> NewBlock {
            var fixture = DayFixture()
            try fixture.add(from: start, series)
            return fixture.blocks[0]
        }
        let unmeant = try block(from: morning, [series(1, from: morning)])
        let rewritten = try block(from: start, [series(1, from: start + 500)])
        var late = try block(from: start, [series(1, from: start), series(2, from: start)])
        var wanted = DayFixture()
        try wanted.add(from: morning, [series(1, from: morning)])
        try wanted.add(from: start, [series(1, from: start + 500), series(2, from: start)])
        try await StoreFixture.with { place in
            try await place.store.publish(unmeant)
            let deletion = try await place.store.order(
                [Self.selector],
                of: .anonymous,
                in: Self.range
            )
            try await place.store.advance(deletion, to: .stored)
            try await place.store.publish(rewritten)
            let compactor = Self.compactor(place.store)
            let first = try await compactor.runPass()
            #expect(first.failures.isEmpty && first.merges == 1)
            late.deletionsSeen = deletion.number - 1
            try await place.store.publish(late)
            #expect(try await place.faults(wanted.expected, place.querier()) == [])
            let second = try await compactor.runPass()
            #expect(second.failures.isEmpty)
            #expect(try await place.faults(wanted.expected, place.querier()) == [])
            let done = try await place.store.deletions(of: .anonymous, limit: 1)
            #expect(done.map(\.phase) == [.done])
            #expect(done.map(\.removedSamples) == [10])
        }
    }

    @Test func `a deletion waits while an ingester cannot store what it has`() async throws {
        struct Away: Error {}
        let fixture = try DayFixture.replicated()
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            _ = try await place.store.order([Self.selector], of: .anonymous, in: Self.range)
            let away = Self.support { _ in throw Away() }
            let pass = try await Self.compactor(place.store, away).runPass()
            #expect(pass.failures.count == 1)
            let waiting = try await place.store.deletions(of: .anonymous, limit: 1)
            #expect(waiting.map(\.phase) == [.ordered])
            #expect(try await place.faults(Self.left(fixture.expected), place.querier()).isEmpty)
        }
    }

    @Test(arguments: FaultyStore.Moment.allCases)
    func `a death at any step leaves what is left to be found once, and the rest to be done`(
        moment: FaultyStore.Moment
    ) async throws {
        var fixture = DayFixture()
        for window in 4..<6 as Range<Int64> {
            let start = DayFixture.day + window * 2 * DayFixture.hour
            try fixture.add(
                from: start,
                (0..<8).map {
                    (DayFixture.labels($0), DayFixture.samples($0, from: start, count: 20))
                }
            )
        }
        let left = Self.left(fixture.expected)
        var steps = 0
        var isOver = false
        while !isOver {
            try await StoreFixture.with { place in
                for block in fixture.blocks { try await place.store.publish(block) }
                _ = try await place.store.order([Self.selector], of: .anonymous, in: Self.range)
                let faulty = FaultyStore(place.store, dyingAfter: steps, moment)
                _ = try? await Self.compactor(faulty, leaseDuration: .milliseconds(100)).runPass()
                isOver = !faulty.isDead
                #expect(try await place.faults(left, place.querier()).isEmpty, "step \(steps)")
                // Whoever comes next finishes it, at last when the dead one's leases are over.
                try await finish(place)
                #expect(try await place.faults(left, place.querier()).isEmpty, "step \(steps)")
            }
            steps += 1
        }
        #expect(steps > 8)
    }

    private func finish(_ place: StoreFixture) async throws {
        let compactor = Self.compactor(place.store, leaseDuration: .milliseconds(100))
        for _ in 0..<500 {
            let pass = try await compactor.runPass()
            #expect(pass.failures.isEmpty)
            let isDone = try await place.store.deletions(of: .anonymous, limit: 1)
                .allSatisfy { $0.phase == .done }
            if isDone, pass.merges == 0, pass.takenByOthers == 0 { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("there is work left")
    }

    @Test func `a tenant that is deleted has no block left`() async throws {
        let fixture = try DayFixture.replicated()
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            _ = try await place.store.order(
                [],
                of: .anonymous,
                in: TimeRange(start: .min, end: StoreFixture.now)
            )
            #expect(try await place.faults([:], place.querier()).isEmpty)
            let compactor = Self.compactor(place.store)
            _ = try await compactor.runPass()
            _ = try await compactor.runPass()
            let counts = try await place.store.rowCounts(of: .anonymous)
            #expect(counts["blocks"] == 0 && counts["block_pages"] == 0)
        }
    }
}
