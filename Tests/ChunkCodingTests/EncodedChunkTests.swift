import TestSupport
import Testing

@testable import ChunkCoding

@Suite struct EncodedChunkTests {
    @Test(arguments: ValueShape.allCases, TimeShape.allCases)
    func `every bit of every sample comes back`(values: ValueShape, times: TimeShape) throws {
        var generator = SeededGenerator(seed: 42)
        for count in [1, 2, 3, 4, 5, 17, 127, 128, 129, 130, 131, 257, 480] {
            let timestamps = times.timestamps(count: count, using: &generator)
            let numbers = values.values(count: count, using: &generator)
            let chunk = EncodedChunk.encode(timestamps, numbers)
            var readTimes: [Int64] = [7]
            var readValues: [Double] = [9]
            try chunk.decode(maximumCount: count, appendingTo: &readTimes, &readValues)
            #expect(readTimes == [7] + timestamps)
            #expect(readValues.map(\.bitPattern) == ([9] + numbers).map(\.bitPattern))
            #expect(chunk.minTime == timestamps.first)
            #expect(chunk.maxTime == timestamps.last)
            #expect(chunk.count == count)
        }
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func `random mixtures of values come back`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...700, using: &generator)
        let timestamps = TimeShape.random.timestamps(count: count, using: &generator)
        var values: [Double] = []
        while values.count < count {
            let shape = try #require(ValueShape.allCases.randomElement(using: &generator))
            let run = min(count - values.count, Int.random(in: 1...200, using: &generator))
            values += shape.values(count: run, using: &generator)
        }
        let chunk = EncodedChunk.encode(timestamps, values)
        var read: (times: [Int64], values: [Double]) = ([], [])
        try chunk.decode(maximumCount: 700, appendingTo: &read.times, &read.values)
        #expect(read.times == timestamps)
        #expect(read.values.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test(arguments: [
        (ValueShape.constant, 8), (.constantThenStale, 16), (.counter, 320), (.centiGauge, 860),
        (.counterWithResets, 180), (.noisyInteger, 450), (.bytes, 1060), (.floats, 3400),
        (.mostlyRepeatedFloats, 480),
    ])
    func `a chunk of 480 values takes no more bytes than planned`(
        shape: ValueShape,
        limit: Int
    ) {
        var generator = SeededGenerator(seed: 1)
        let values = shape.values(count: 480, using: &generator)
        var column: [UInt8] = []
        ValueColumn.encode(values.span, into: &column)
        #expect(column.count <= limit)
    }

    @Test func `a stale marker costs a few bytes and not the encoding`() {
        let values = (0..<480).map { Double($0 * 3) }
        var plain: [UInt8] = []
        ValueColumn.encode(values.span, into: &plain)
        var marked: [UInt8] = []
        let withMarker = values.dropLast() + [Double(bitPattern: 0x7FF0_0000_0000_0002)]
        ValueColumn.encode(withMarker.span, into: &marked)
        #expect(marked.count <= plain.count + 16)
    }

    @Test func `a missed scrape does not widen a frame`() {
        let even = (0..<128).map { Int64($0) * 15_000 + Int64($0 % 3) }
        let gap = even.map { $0 > 500_000 ? $0 + 900_000 : $0 }
        var plain: [UInt8] = []
        TimestampColumn.encode(even.span, into: &plain)
        var gapped: [UInt8] = []
        TimestampColumn.encode(gap.span, into: &gapped)
        #expect(gapped.count <= plain.count + 8)
    }

    @Test func `an empty column is a single byte`() throws {
        let noTimes: [Int64] = []
        var column: [UInt8] = []
        TimestampColumn.encode(noTimes.span, into: &column)
        #expect(column == [0x10])
        var timestamps: [Int64] = []
        try TimestampColumn.decode(column.span, count: 0, into: &timestamps)
        #expect(timestamps.isEmpty)
    }
}
