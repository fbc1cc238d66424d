import ChunkCoding
import HeadStorage
import MetricsModel
import TestSupport
import Testing

/// Chunks that samples are still added to, as queries see them.
@Suite struct HeadOpenChunkTests {
    private static let labels: Labels = ["__name__": "up"]

    @Test func `an open chunk is a stream of all samples so far`() throws {
        let head = TestHead(settings: .aligned)
        var random = SeededGenerator(seed: 1)
        var expected: [(time: Int64, bits: UInt64)] = []
        var time: Int64 = 0
        for _ in 0..<119 {
            time += Int64.random(in: 1...60_000, using: &random)
            let value = Self.value(using: &random)
            expected.append((time, value.bitPattern))
            #expect(try head.add(time, value, to: Self.labels) == .stored)
            let chunks = head.select([], .all).flatMap(\.chunks)
            #expect(chunks.map(\.kind) == [.stream])
            let chunk = try #require(chunks.first)
            #expect((chunk.minTime, chunk.maxTime) == (expected[0].time, time))
            var columns = SampleColumns()
            try chunk.decode(maximumCount: 120, into: &columns)
            #expect(columns.timestamps == expected.map(\.time))
            #expect(columns.values.map(\.bitPattern) == expected.map(\.bits))
        }
    }

    @Test func `closed chunks and the open one come together`() throws {
        let head = TestHead(settings: .small)
        for time in 0..<20 as Range<Int64> {
            _ = try head.add(time, Double(time), to: Self.labels)
        }
        let chunks = head.select([], .all).flatMap(\.chunks)
        #expect(chunks.map(\.kind) == [.floats, .floats, .stream])
        #expect(chunks.map(\.count) == [8, 8, 4])
        var columns = SampleColumns()
        for chunk in chunks { try chunk.decode(maximumCount: 8, into: &columns) }
        #expect(columns.timestamps == Array(0..<20))
        #expect(columns.values == (0..<20).map(Double.init))
    }

    @Test func `as many closed chunks as are merged become one`() throws {
        let head = TestHead(settings: .small)
        for time in 0..<60 as Range<Int64> {
            _ = try head.add(time, Double(time), to: Self.labels)
        }
        let chunks = head.select([], .all).flatMap(\.chunks)
        #expect(chunks.map(\.kind) == [.floats, .floats, .floats, .stream])
        #expect(chunks.map(\.count) == [24, 24, 8, 4])
        var columns = SampleColumns()
        for chunk in chunks { try chunk.decode(maximumCount: 24, into: &columns) }
        #expect(columns.timestamps == Array(0..<60))
        #expect(columns.values == (0..<60).map(Double.init))
    }

    @Test func `chunks of two windows, and those with late samples between, are not merged`() throws
    {
        let head = TestHead(settings: .small)
        for time in 984..<1016 as Range<Int64> { _ = try head.add(time, 1, to: Self.labels) }
        #expect(head.select([], .all).flatMap(\.chunks).map(\.count) == [8, 8, 8, 8])
        let other: Labels = ["__name__": "other"]
        for step in 0..<16 as Range<Int64> { _ = try head.add(step * 10, 1, to: other) }
        for step in 0..<8 as Range<Int64> { _ = try head.add(step * 10 + 5, 1, to: other) }
        for step in 16..<32 as Range<Int64> { _ = try head.add(step * 10, 1, to: other) }
        let name = LabelMatcher(name: "__name__", equals: "other")
        let chunks = head.select([name], .all).flatMap(\.chunks)
        // The first one, which reaches over the late samples, stays; the others do not overlap.
        #expect(chunks.map(\.count) == [8, 24, 8])
        #expect(try head.samples([name])[other]?.count == 40)
    }

    @Test func `first chunks end at different times`() throws {
        let head = TestHead(settings: HeadSettings())
        var counts: Set<Int> = []
        for series in 0..<50 {
            let labels: Labels = ["__name__": "up", "id": "\(series)"]
            for time in 0..<130 as Range<Int64> { _ = try head.add(time, 1, to: labels) }
            let id = LabelMatcher(name: "id", equals: "\(series)")
            let chunks = head.select([id], .all).flatMap(\.chunks)
            #expect(chunks.reduce(0) { $0 + $1.count } == 130)
            counts.insert(try #require(chunks.first).count)
        }
        #expect(counts.allSatisfy { (31...120).contains($0) })
        #expect(counts.count > 20)
    }

    @Test(arguments: [
        (0, 16, [8, 8]), (0, 17, [8, 8, 4]), (16, 17, [4]), (19, 20, [4]), (20, 99, []),
        (15, 16, [8]), (5, 5, []),
    ])
    func `an open chunk outside of the range is left out`(
        start: Int64,
        end: Int64,
        counts: [Int]
    ) throws {
        let head = TestHead(settings: .small)
        for time in 0..<20 as Range<Int64> {
            _ = try head.add(time, Double(time), to: Self.labels)
        }
        let found = head.select([], TimeRange(start: start, end: end))
        #expect(found.flatMap(\.chunks).map(\.count) == counts)
    }

    @Test func `what was selected stays as it was when more is added`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(1, 1, to: Self.labels)
        let before = try #require(head.select([], .all).first?.chunks.first)
        for time in 2..<30 as Range<Int64> { _ = try head.add(time, 2, to: Self.labels) }
        var columns = SampleColumns()
        try before.decode(maximumCount: 1, into: &columns)
        #expect(columns.timestamps == [1])
        #expect(columns.values == [1])
    }

    private static func value(using random: inout SeededGenerator) -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double(Int.random(in: 0...3, using: &random))
        case 1: Double(bitPattern: random.next())
        case 2: [-0.0, .nan, .infinity, StaleMarker.value].randomElement(using: &random) ?? 0
        default: Double.random(in: 0...1, using: &random)
        }
    }
}
