import ChunkCoding
import MetricsModel
import Testing

@testable import HeadStorage

@Suite struct HeadAsideTests {
    private static let latency: Labels = ["__name__": "latency"]

    private static func histogram(_ count: Double) -> Histogram {
        Histogram(count: count, sum: 2 * count, positive: .init(indexes: [0], counts: [count]))
    }

    private static func sample(_ timestamp: Int64, _ count: Double) -> HeadSample {
        HeadSample(timestamp: timestamp, value: .histogram(histogram(count)))
    }

    private static func float(_ timestamp: Int64, _ value: Double, start: Int64 = 0) -> HeadSample {
        HeadSample(timestamp: timestamp, value: .float(value.bitPattern), start: start)
    }

    @Test func `the same histogram twice is stored once, another one is refused`() throws {
        let head = TestHead(settings: .small)
        let latency = Self.latency
        #expect(try head.add(Self.sample(100, 1), to: latency) == .stored)
        #expect(try head.add(Self.sample(100, 1), to: latency) == .duplicate)
        #expect(
            try head.add(Self.sample(100, 2), to: latency) == .refused(.newValueForTimestamp)
        )
        #expect(
            try head.add(Self.float(100, 1), to: latency) == .refused(.newValueForTimestamp)
        )
        #expect(try head.add(Self.float(200, 1), to: latency) == .stored)
        #expect(
            try head.add(Self.sample(200, 1), to: latency) == .refused(.newValueForTimestamp)
        )
        let stale = HeadSample(timestamp: 300, value: .histogram(.staleMarker))
        #expect(try head.add(stale, to: latency) == .stored)
        #expect(try head.add(stale, to: latency) == .duplicate)
        #expect(head.statistics.sampleCount == 3)
    }

    @Test func `a newest histogram is known after its chunk left memory`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(Self.sample(100, 1), to: Self.latency)
        #expect(head.beginCut(id: 1, before: 1000))
        head.head.finishCut(1, removingSeriesIdleSince: 0)
        #expect(head.statistics.sampleCount == 0)
        #expect(try head.add(Self.sample(100, 1), to: Self.latency) == .duplicate)
        #expect(
            try head.add(Self.float(100, 1), to: Self.latency) == .refused(.newValueForTimestamp)
        )
    }

    @Test func `late histograms follow the rules of late floats`() throws {
        let head = TestHead(settings: .small)
        let latency = Self.latency
        _ = try head.add(Self.float(5000, 1), to: latency)
        let late = Self.sample(3000, 1)
        #expect(
            try head.add(late, to: latency, lateWindow: 0, now: 5000) == .refused(.outOfOrder)
        )
        #expect(
            try head.add(late, to: latency, lateWindow: 1000, now: 5000) == .refused(.tooOld)
        )
        #expect(try head.add(late, to: latency, lateWindow: 2000, now: 5000) == .stored)
        #expect(try head.everything()[latency]?.map(\.timestamp) == [3000, 5000])
    }

    @Test func `start timestamps are kept, and do not make another sample`() throws {
        let head = TestHead(settings: .small)
        for index in 0..<20 as Range<Int64> {
            let sample = Self.float(index * 10, Double(index), start: index < 10 ? 7 : 100)
            #expect(try head.add(sample, to: Self.latency) == .stored)
        }
        #expect(try head.add(Self.float(190, 19, start: 5), to: Self.latency) == .duplicate)
        let samples = try #require(try head.everything()[Self.latency])
        #expect(samples.map(\.start) == (0..<20).map { $0 < 10 ? 7 : 100 })
        let kinds = head.select([], .all).flatMap(\.chunks).map(\.kind)
        #expect(kinds.allSatisfy { $0 == .floatsWithStarts })
    }

    @Test func `memory for histograms is counted and given back`() throws {
        let head = TestHead(settings: .small)
        let empty = head.statistics.approximateBytes
        _ = try head.add(Self.sample(1, 1), to: Self.latency)
        let one = head.statistics.approximateBytes
        for index in 2...6 as ClosedRange<Int64> {
            _ = try head.add(Self.sample(index, 1), to: Self.latency)
        }
        #expect(empty < one)
        let six = head.statistics.approximateBytes
        #expect(one + 5 * 100 < six)
        #expect(head.beginCut(id: 1, before: 1000))
        head.head.finishCut(1)
        #expect(head.statistics.seriesCount == 0)
        // The smallest page for chunks stays.
        #expect(head.statistics.approximateBytes < six)
        let asideBytes = head.head.counts.asideBytes
        #expect(asideBytes == 0)
    }

    @Test func `a histogram with very many buckets shares no chunk`() throws {
        let head = TestHead(settings: .small)
        let size = Histogram.maximumElementCount
        for index in 0..<5 as Range<Int64> {
            let large = Histogram(
                count: Double(index),
                positive: .init(
                    indexes: Array(0..<Int32(size)),
                    counts: Array(repeating: Double(index), count: size)
                )
            )
            let sample = HeadSample(timestamp: index, value: .histogram(large))
            #expect(try head.add(sample, to: Self.latency) == .stored)
        }
        let chunks = head.select([], .all).flatMap(\.chunks)
        #expect(chunks.map(\.count) == [2, 2, 1])
        #expect(try head.everything()[Self.latency]?.count == 5)
    }
}
