import ClusterInterface
import MetricsModel
import Testing

@testable import Querying

@Suite struct DayCountsTests {
    private static let day = DayCounts.duration

    private static func block(
        _ start: Int64,
        _ end: Int64,
        _ counts: [String: Int]
    ) -> BlockMetrics {
        BlockMetrics(
            range: TimeRange(start: start, end: end),
            metrics: counts.sorted { $0.key < $1.key }.map {
                MetricSummary(name: $0.key, seriesCount: $0.value, sampleCount: $0.value * 10)
            }
        )
    }

    @Test func `one block a day is exact`() {
        var counts = DayCounts(start: Self.day)
        counts.add([Self.block(Self.day, 2 * Self.day, ["up": 3, "errors": 4])])
        #expect(counts.series == .init(atLeast: 7, atMost: 7))
        #expect(counts.series.isExact)
        #expect(counts.samplesAtMost == 70)
        #expect(counts.largest(1).map(\.name) == ["errors"])
        #expect(counts.metric(named: "up").series == .init(atLeast: 3, atMost: 3))
        #expect(counts.metric(named: "none").series == .init(atLeast: 0, atMost: 0))
    }

    @Test func `several blocks give bounds, for each metric its own`() {
        var counts = DayCounts(start: 0)
        counts.add([
            Self.block(0, 100, ["up": 3]), Self.block(50, 200, ["up": 5, "errors": 1]),
        ])
        #expect(counts.series == .init(atLeast: 6, atMost: 9))
        #expect(counts.metric(named: "up").series == .init(atLeast: 5, atMost: 8))
        #expect(counts.metric(named: "errors").series.isExact)
    }

    @Test func `a block over midnight may have none of its series in the day`() {
        var counts = DayCounts(start: 0)
        counts.add([Self.block(Self.day - 1, Self.day + 1, ["up": 3])])
        #expect(counts.series == .init(atLeast: 0, atMost: 3))
        var later = DayCounts(start: 2 * Self.day)
        later.add([Self.block(Self.day - 1, Self.day + 1, ["up": 3])])
        #expect(later.series == .init(atLeast: 0, atMost: 0))
    }

    @Test func `series of several tenants are added`() {
        var counts = DayCounts(start: 0)
        counts.add([Self.block(0, 10, ["up": 3])])
        counts.add([Self.block(0, 10, ["up": 2])])
        #expect(counts.series == .init(atLeast: 5, atMost: 5))
        #expect(counts.metric(named: "up").series.isExact)
    }
}
