import HeadStorage
import MetricsModel
import Testing

@Suite struct HeadCutTests {
    let up = Labels([("__name__", "up"), ("job", "node")])
    let down = Labels([("__name__", "down")])

    @Test func `a query gives the same answer before and during a cut`() throws {
        let head = TestHead(settings: .small)
        for index in 0..<50 {
            _ = try head.add(Int64(index * 70), Double(index), to: up)
            _ = try head.add(Int64(index * 90), Double(-index), to: down)
        }
        _ = try head.add(1, 1, to: up)
        let before = try head.samples()
        for (id, end) in [(UInt64(1), Int64(1000)), (2, 1777), (3, 100_000)] {
            #expect(head.beginCut(id: id, before: end))
            #expect(try head.samples() == before)
        }
        #expect(head.pendingCuts == [1, 2, 3])
        #expect(head.statistics.sampleCount == 101)
        for id in [2, 1, 3] as [UInt64] { head.head.finishCut(id) }
        #expect(head.statistics.sampleCount == 0)
        #expect(head.statistics.seriesCount == 0)
        #expect(head.select([], .all).isEmpty)
    }

    @Test func `samples that come after a cut began are not in it`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(100, 1, to: up)
        _ = try head.add(900, 2, to: up)
        #expect(head.beginCut(id: 1, before: 1000))
        _ = try head.add(950, 3, to: up)
        _ = try head.add(500, 4, to: up)
        #expect(head.cutSamples(1, window: 0)[up]?.map(\.timestamp) == [100, 900])
        head.head.finishCut(1)
        #expect(try head.samples()[up]?.map(\.timestamp) == [500, 950])
        #expect(head.beginCut(id: 2, before: 1000))
    }

    @Test func `nothing to cut and unknown cuts change nothing`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(1500, 1, to: up)
        #expect(!head.beginCut(id: 1, before: 1000))
        #expect(head.beginCut(id: 2, before: 2000))
        _ = try head.add(1600, 1, to: up)
        #expect(!head.beginCut(id: 2, before: 2000))
        head.head.finishCut(77)
        #expect(head.cutWindows(77).isEmpty)
        #expect(head.cutSeries(77, window: 0, slice: 0..<10).isEmpty)
        #expect(head.statistics.sampleCount == 2)
    }

    @Test func `a cut is read slice by slice`() throws {
        let head = TestHead(settings: .small)
        for index in 0..<10 {
            _ = try head.add(Int64(index % 2) * 1000, 1, to: Labels([("id", "\(index)")]))
        }
        #expect(head.beginCut(id: 1, before: 2000))
        #expect(head.cutWindows(1) == [0, 1000])
        #expect(head.cutSeriesCount(1) == 10)
        var found: [Labels] = []
        for start in stride(from: 0, to: 10, by: 3) {
            found += head.cutSeries(1, window: 1000, slice: start..<start + 3).map(\.labels)
        }
        #expect(found == [1, 3, 5, 7, 9].map { Labels([("id", "\($0)")]) })
    }

    @Test func `the oldest segment needed follows cuts`() throws {
        let head = TestHead(settings: .small)
        #expect(head.oldestSegmentNeeded == nil)
        _ = try head.add(100, 1, to: up, segment: 4)
        _ = try head.add(1100, 1, to: up, segment: 5)
        _ = try head.add(900, 1, to: up, segment: 6)
        #expect(head.oldestSegmentNeeded == 4)
        #expect(head.beginCut(id: 1, before: 1000))
        #expect(head.oldestSegmentNeeded == 4)
        _ = try head.add(200, 1, to: up, segment: 7)
        head.head.finishCut(1)
        #expect(head.oldestSegmentNeeded == 5)
        #expect(head.beginCut(id: 2, before: 1500))
        head.head.finishCut(2)
        // The window 1000 ..< 2000 is cut in part only, so its segment stays.
        #expect(head.oldestSegmentNeeded == 5)
        _ = try head.add(1600, 1, to: up, segment: 8)
        #expect(head.beginCut(id: 3, before: 2000))
        head.head.finishCut(3)
        #expect(head.oldestSegmentNeeded == nil)
    }

    @Test func `an idle series leaves and others stay`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(100, 1, to: up)
        _ = try head.add(100, 1, to: down)
        _ = try head.add(1100, 1, to: down)
        _ = try head.series(Labels([("__name__", "never")]))
        #expect(head.beginCut(id: 1, before: 1000))
        #expect(head.statistics.seriesCount == 3)
        head.head.finishCut(1)
        #expect(head.series([], .all) == [down])
        #expect(head.statistics.seriesCount == 1)
        #expect(head.labelNames([], .all) == ["__name__"])
    }
}
