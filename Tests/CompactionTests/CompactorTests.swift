import ClusterInterface
import EmbeddedStorage
import MetricsModel
import Querying
import Synchronization
import Testing

@testable import Compaction

@Suite struct CompactorTests {
    @Test func `a day becomes one block and a query answers the same`() async throws {
        let fixture = try DayFixture.replicated()
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            let querier = place.querier()
            #expect(try await place.faults(fixture.expected, querier).isEmpty)
            let reports = Mutex<[CompactionReport]>([])
            let compactor = place.compactor(onEvent: { event in
                if case .merged(let report) = event { reports.withLock { $0.append(report) } }
            })
            let pass = try await compactor.runPass()
            #expect(pass.merges == 1 && pass.failures.isEmpty)
            let blocks = try await place.store.blocks(of: .anonymous, overlapping: .all)
            #expect(blocks.map(\.level) == [2])
            #expect(try await place.faults(fixture.expected, querier).isEmpty)
            #expect(try await place.faults(fixture.expected, place.querier()).isEmpty)
            let report = try #require(reports.withLock { $0 }.first)
            #expect(report.blocksIn == fixture.blocks.count && report.blocksOut == 1)
            #expect(report.samplesOut == fixture.expected.values.reduce(0) { $0 + $1.count })
            #expect(report.samplesOut < report.samplesIn)
            #expect(compactor.status.finishedCount == 1)
            #expect(compactor.status.lastSuccess == StoreFixture.now)
            #expect(compactor.status.jobs.isEmpty && compactor.status.queueLength == 0)

            let second = try await compactor.runPass()
            #expect(second.merges == 0 && second.promoted == 0 && second.failures.isEmpty)
            #expect(pass.removed + second.removed == fixture.blocks.count)
        }
    }

    /// Every call of the store is once the last one, and once the first one that does not happen.
    @Test(arguments: FaultyStore.Moment.allCases)
    func `a death at any step leaves every sample to be found once`(
        moment: FaultyStore.Moment
    ) async throws {
        var fixture = DayFixture()
        for window in 0..<3 as Range<Int64> {
            let start = DayFixture.day + window * 2 * DayFixture.hour
            try fixture.add(
                from: start,
                (0..<10).map {
                    (DayFixture.labels($0), DayFixture.samples($0, from: start, count: 20))
                }
            )
        }
        var steps = 0
        var isOver = false
        while !isOver {
            try await StoreFixture.with { place in
                for block in fixture.blocks { try await place.store.publish(block) }
                let faulty = FaultyStore(place.store, dyingAfter: steps, moment)
                let change: (inout CompactionSettings) -> Void = { settings in
                    // Several children, and leases that are over soon.
                    settings.maximumSeries = 4
                    settings.leaseDuration = .milliseconds(100)
                }
                _ = try? await place.compactor(over: faulty, change: change).runPass()
                isOver = !faulty.isDead
                let faults = try await place.faults(fixture.expected, place.querier())
                #expect(faults.isEmpty, "after \(steps) calls: \(faults)")

                // Whoever comes next finishes it, at last when the dead one's lease is over.
                let next = place.compactor(change: change)
                try await finish(next)
                let blocks = try await place.store.blocks(of: .anonymous, overlapping: .all)
                #expect(blocks.map(\.level) == [2, 2, 2], "after \(steps) calls")
                let faultsAtEnd = try await place.faults(fixture.expected, place.querier())
                #expect(faultsAtEnd.isEmpty, "after \(steps) calls: \(faultsAtEnd)")
            }
            steps += 1
            try #require(steps < 200)
        }
        #expect(steps > 15)
    }

    private func finish(_ compactor: Compactor) async throws {
        for _ in 0..<500 {
            let pass = try await compactor.runPass()
            #expect(pass.failures.isEmpty)
            if pass.merges == 0, pass.takenByOthers == 0 { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("there is work left")
    }

    @Test(.timeLimit(.minutes(2)))
    func `queries meanwhile see each sample once, whoever compacts`() async throws {
        let fixture = try DayFixture.replicated()
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            let isDone = Flag()
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        var faults: [String] = []
                        let querier = place.querier()
                        repeat {
                            faults += try await place.faults(fixture.expected, querier)
                        } while !isDone.isSet
                        return faults
                    }
                }
                // As small as it gets, so that there are many swaps.
                let workers = (0..<3).map { _ in
                    place.compactor(change: { settings in
                        settings.maximumInputs = 3
                        settings.grace = .seconds(600)
                    })
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in workers { group.addTask { try await self.finish(worker) } }
                    try await group.waitForAll()
                }
                isDone.set()
                for try await faults in group { #expect(faults.isEmpty) }
            }
            let blocks = try await place.store.blocks(of: .anonymous, overlapping: .all)
            #expect(blocks.allSatisfy { $0.level == 2 })
            #expect(blocks.count <= 3)
        }
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)

        var isSet: Bool { state.withLock { $0 } }

        func set() { state.withLock { $0 = true } }
    }

    @Test func `a damaged block is reported, and the others are merged`() async throws {
        let fixture = try DayFixture.replicated()
        var other = DayFixture()
        other.tenant = try TenantID("other")
        for window in 0..<2 as Range<Int64> {
            let start = DayFixture.day + window * 2 * DayFixture.hour
            try other.add(
                from: start,
                [(DayFixture.labels(1), DayFixture.samples(1, from: start, count: 9))]
            )
        }
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            for (index, block) in other.blocks.enumerated() {
                var block = block
                if index == 1 { block.body[block.record.directory.upperBound + 9] ^= 1 }
                try await place.store.publish(block)
            }
            let compactor = place.compactor()
            let pass = try await compactor.runPass()
            #expect(pass.merges == 1)
            #expect(pass.failures.count == 1)
            let id = other.blocks[1].record.id.description
            #expect(pass.failures.first?.contains(id) == true, "\(pass.failures)")
            #expect(compactor.status.failedCount == 1)
            #expect(compactor.status.lastError?.contains(id) == true)
            #expect(compactor.status.lastSuccess == nil)
            let left = try await place.store.blocks(of: other.tenant, overlapping: .all)
            #expect(left.count == 2)
        }
    }

    @Test func `what is older than the retention is not answered, and its blocks vanish`()
        async throws
    {
        let fixture = try DayFixture.replicated()
        try await StoreFixture.with { place in
            for block in fixture.blocks { try await place.store.publish(block) }
            let cut = DayFixture.day + 5 * DayFixture.hour + 7_000
            let retention = Retention(now: { StoreFixture.now }) { tenant in
                tenant == .anonymous ? StoreFixture.now - cut : 0
            }
            var expected = fixture.expected
            for labels in Array(expected.keys) { expected[labels]?.removeAll(before: cut) }
            expected = expected.filter { !$0.value.isEmpty }
            let querier = place.querier(retention: retention)
            #expect(try await place.faults(expected, querier).isEmpty)

            // Before the day is over, so that nothing is merged.
            let compactor = place.compactor(
                retention: retention,
                now: DayFixture.day + 20 * DayFixture.hour,
                change: { $0.delay = 86_400_000 }
            )
            let pass = try await compactor.runPass()
            let gone = fixture.blocks.filter { $0.record.range.end <= cut }
            #expect(!gone.isEmpty && pass.expired == gone.count && pass.failures.isEmpty)
            let left = try await place.store.blocks(of: .anonymous, overlapping: .all)
            #expect(left.count == fixture.blocks.count - gone.count)
            #expect(try await place.faults(expected, querier).isEmpty)
            let second = try await compactor.runPass()
            #expect(second.expired == 0)
            #expect(pass.removed + second.removed == gone.count)
        }
    }
}
