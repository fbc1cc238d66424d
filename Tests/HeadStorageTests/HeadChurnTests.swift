import HeadStorage
import MetricsModel
import Testing

/// Series that come and go for days, as pods do.
@Suite struct HeadChurnTests {
    @Test func `replacing half of the series each hour neither leaks nor loses`() throws {
        let head = TestHead(settings: HeadSettings())
        let hour: Int64 = 3_600_000
        var alive = (0..<600).map { ($0, 0) }
        var sizes: [Int] = []
        for now in 0..<60 as Range<Int64> {
            for slot in alive.indices where (slot + Int(now)) % 2 == 0 { alive[slot].1 += 1 }
            for minute in stride(from: Int64(0), to: 60, by: 20) {
                for (slot, life) in alive {
                    let labels = Self.labels(slot, life)
                    let time = now * hour + minute * 60_000
                    #expect(try head.add(time, Double(slot), to: labels) == .stored)
                }
            }
            guard now % 2 == 1 else { continue }
            let end = (now + 1) * hour
            #expect(head.beginCut(id: UInt64(now), before: end))
            #expect(head.cutSeriesCount(UInt64(now)) == 600 + 300)
            head.head.finishCut(UInt64(now), removingSeriesIdleSince: end - 2 * hour)
            #expect(head.statistics.sampleCount == 0)
            #expect(head.statistics.seriesCount <= 600 + 3 * 300)
            sizes.append(head.statistics.approximateBytes)
        }
        // The second day takes no more than the first half of it did.
        let early = try #require(sizes.prefix(10).max())
        let late = try #require(sizes.suffix(10).max())
        #expect(late <= early + early / 10)
        #expect(head.labelValues("pod", [], .all).isEmpty)
        let removed = head.statistics.seriesRemovedTotal
        #expect(head.statistics.seriesCreatedTotal - removed == head.statistics.seriesCount)
    }

    @Test func `series that get no sample any more leave without a cut`() throws {
        let head = TestHead(settings: .small)
        for slot in 0..<2000 { _ = try head.add(100, 1, to: Self.labels(slot, 0)) }
        #expect(head.beginCut(id: 1, before: 1000))
        head.head.finishCut(1, removingSeriesIdleSince: 0)
        #expect(head.statistics.seriesCount == 2000)
        head.head.startRemovingSeries(idleSince: 101)
        var slices = 0
        while head.head.continueFinishing(limit: 100) { slices += 1 }
        #expect(slices >= 20)
        #expect(head.statistics.seriesCount == 0)
        // Records stay for the next series; labels, postings and chunks go.
        #expect(head.statistics.approximateBytes < 2000 * (128 + 16) + 200_000)
        for slot in 0..<2000 { _ = try head.add(2000, 1, to: Self.labels(slot, 1)) }
        #expect(head.statistics.seriesCount == 2000)
        #expect(head.labelValues("pod", [], .all).count == 2000)
    }

    private static func labels(_ slot: Int, _ life: Int) -> Labels {
        [
            "__name__": "requests_total", "namespace": "shop-\(slot % 7)",
            "pod": "pod-\(slot)-\(life)", "code": slot % 3 == 0 ? "200" : "500",
        ]
    }
}
