import ClusterInterface
import MetricsModel
import Testing

@testable import Ingestion

/// Large selections, which several tasks carry out while writes go on.
@Suite(.timeLimit(.minutes(2))) struct ParallelReadTests {
    private static let seriesCount = 9000
    private static let all = SelectRequest(tenant: .anonymous, matchers: [], range: .all)

    private static func batch(_ numbers: Range<Int>, at time: Int64) -> WriteBatch {
        WriteBatch(
            .anonymous,
            numbers.map { .init(labels: Fixture.labels($0), samples: [(time, Double($0))]) }
        )
    }

    @Test func `each series comes once, in the same order as one task finds them`() async throws {
        var found: [[SelectedSeries]] = []
        for concurrency in [1, 4] {
            let fixture = Fixture { $0.readConcurrency = concurrency }
            _ = try await fixture.ingester.write(
                Self.batch(0..<Self.seriesCount, at: Fixture.start)
            )
            found.append(try await fixture.ingester.select(Self.all))
        }
        #expect(found[0].count == Self.seriesCount)
        #expect(found[0].map(\.labels) == found[1].map(\.labels))
        #expect(found[0].map(\.chunks) == found[1].map(\.chunks))
    }

    @Test func `reads and writes at the same time see what was there before they began`()
        async throws
    {
        let fixture = Fixture { $0.readConcurrency = 3 }
        _ = try await fixture.ingester.write(Self.batch(0..<Self.seriesCount, at: Fixture.start))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<2 {
                group.addTask {
                    for step in 1...5 as ClosedRange<Int64> {
                        let first = Self.seriesCount + (writer * 5 + Int(step)) * 300
                        let time = Fixture.start + step * 1000
                        _ = try await fixture.ingester.write(
                            Self.batch(first..<first + 300, at: time)
                        )
                        let old = writer * 3000..<writer * 3000 + 3000
                        _ = try await fixture.ingester.write(Self.batch(old, at: time))
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<5 {
                        let labels = try await fixture.ingester.select(Self.all).map(\.labels)
                        let known = Set(labels)
                        #expect(known.count == labels.count)
                        #expect(
                            (0..<Self.seriesCount).allSatisfy { known.contains(Fixture.labels($0)) }
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.ingester.series(Self.all).count == Self.seriesCount + 3000)
    }

    @Test func `a read that is cancelled ends between two slices`() async throws {
        let fixture = Fixture { $0.readConcurrency = 3 }
        _ = try await fixture.ingester.write(Self.batch(0..<Self.seriesCount, at: Fixture.start))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await fixture.ingester.select(Self.all)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
