import MetricsModel
import TestSupport
import Testing

@testable import ChunkCoding

@Suite struct DamagedHistogramTests {
    private static func chunk(_ shape: HistogramShape, _ starts: StartShape) -> EncodedChunk {
        var generator = SeededGenerator(seed: 3)
        let timestamps = TimeShape.jitter.timestamps(count: 12, using: &generator)
        let startTimes = starts.starts(of: timestamps, using: &generator)
        return EncodedChunk(
            timestamps: timestamps.span,
            histograms: shape.histograms(count: 12, using: &generator)[...],
            starts: startTimes.span
        )
    }

    private static func floats(_ starts: StartShape) -> EncodedChunk {
        var generator = SeededGenerator(seed: 4)
        let timestamps = TimeShape.jitter.timestamps(count: 30, using: &generator)
        let startTimes = starts.starts(of: timestamps, using: &generator)
        let values = ValueShape.counter.values(count: 30, using: &generator)
        return EncodedChunk(
            timestamps: timestamps.span,
            values: values.span,
            starts: startTimes.span
        )
    }

    /// What stands in the columns before a chunk is decoded into them.
    private static let before = SampleColumns(
        timestamps: [-2],
        values: [-2],
        histograms: HistogramColumns(timestamps: [-1], values: [.staleMarker])
    )

    /// Decodes bytes in place of the chunk's own; nil if they were refused, and nothing was left behind.
    private static func decode(_ chunk: EncodedChunk, _ bytes: [UInt8]) -> SampleColumns? {
        let damaged = EncodedChunk(
            minTime: chunk.minTime,
            maxTime: chunk.maxTime,
            count: chunk.count,
            bytes: bytes
        )
        var columns = before
        do throws(ChunkError) {
            try damaged.decode(maximumCount: 1000, into: &columns)
            return columns
        } catch {
            #expect(columns.isSame(as: before))
            #expect(columns.startTimestamps.isEmpty)
            #expect(columns.histograms.startTimestamps.isEmpty)
            return nil
        }
    }

    @Test(arguments: [HistogramShape.integerCounter, .growingBuckets, .custom, .changingEachTime])
    func `any changed byte is refused or decodes to as many sound histograms`(
        shape: HistogramShape
    ) {
        let chunk = Self.chunk(shape, .restarts)
        for index in chunk.bytes.indices {
            for flip in [0x01, 0x80, 0xFF, 0x10] as [UInt8] {
                var bytes = chunk.bytes
                bytes[index] ^= flip
                guard let read = Self.decode(chunk, bytes) else { continue }
                #expect(read.count == chunk.count + 2)
                #expect(read.histograms.values.allSatisfy { $0.isStorable })
            }
        }
    }

    @Test(arguments: StartShape.allCases.filter { $0 != .none })
    func `any changed byte of floats with starts is refused or decodes to as many`(
        starts: StartShape
    ) {
        let chunk = Self.floats(starts)
        for index in chunk.bytes.indices {
            for flip in [0x01, 0x80, 0xFF, 0x10] as [UInt8] {
                var bytes = chunk.bytes
                bytes[index] ^= flip
                guard let read = Self.decode(chunk, bytes) else { continue }
                #expect(read.count == chunk.count + 2)
                let starts = read.startTimestamps.count
                #expect(starts == 0 || starts == read.timestamps.count)
            }
        }
    }

    @Test(arguments: HistogramShape.allCases)
    func `a chunk cut short anywhere is refused`(shape: HistogramShape) {
        for chunk in [Self.chunk(shape, .delta), Self.floats(.random)] {
            for size in 0..<chunk.bytes.count {
                #expect(Self.decode(chunk, Array(chunk.bytes[..<size])) == nil)
            }
            #expect(Self.decode(chunk, chunk.bytes + [0]) == nil)
        }
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func `random bytes never trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let times: [Int64] = Array(0..<300)
        for encoding in 0x10...0x14 as ClosedRange<UInt8> {
            for _ in 0..<60 {
                let size = Int.random(in: 0...120, using: &generator)
                let bytes =
                    [encoding]
                    + (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) % 24 }
                var starts: [Int64] = []
                let startsRead: Void? = try? StartColumn.decode(
                    bytes.span,
                    timestamps: times.span,
                    into: &starts
                )
                #expect(starts.count == (startsRead == nil ? 0 : 300))
                var histograms: [Histogram] = []
                let read: Void? = try? HistogramColumn.decode(
                    bytes.span,
                    count: 4,
                    into: &histograms
                )
                #expect(histograms.count == (read == nil ? 0 : 4))
            }
        }
    }

    @Test func `few bytes cannot announce many elements`() {
        // 1000 histograms with one layout of one span of 16,384 buckets.
        var column: [UInt8] = [0x10, 1]
        column.appendVarint(999 << 2)
        column.appendVarint(1)
        column.appendVarint(999)
        column.appendSignedVarint(0)
        column.appendVarint(0)
        column.appendVarint(1)
        column.appendSignedVarint(0)
        let offset = column.count
        column.appendVarint(16_383)
        var histograms: [Histogram] = []
        #expect(throws: ChunkError.invalidField(.spanLength, found: 16_383, offset: offset)) {
            try HistogramColumn.decode(column.span, count: 1000, into: &histograms)
        }
    }

    @Test(arguments: [Int64.max, Int64.max - 3, Int64(Int32.max) + 1, Int64(Int32.min) - 1, .min])
    func `buckets that no index can name are refused`(first: Int64) {
        var column: [UInt8] = [0x10, 1]
        column.appendVarint(0)
        column.appendVarint(1)
        column.appendVarint(0)
        column.appendSignedVarint(0)
        column.appendVarint(0)
        column.appendVarint(1)
        let offset = column.count
        column.appendSignedVarint(first)
        column.appendVarint(7)
        var histograms: [Histogram] = []
        let found = UInt64(bitPattern: first)
        #expect(throws: ChunkError.invalidField(.spanOffset, found: found, offset: offset)) {
            try HistogramColumn.decode(column.span, count: 1, into: &histograms)
        }
    }

    @Test func `kinds are refused by name where they do not belong`() {
        let histograms = Self.chunk(.custom, .none)
        let floats = Self.floats(.constant)
        var times: [Int64] = []
        var values: [Double] = []
        for (chunk, kind) in [(histograms, 3), (floats, 2)] as [(EncodedChunk, UInt8)] {
            #expect(throws: ChunkError.unsupportedVersion(found: kind, offset: 0)) {
                try chunk.decode(maximumCount: 1000, appendingTo: &times, &values)
            }
        }
        let unknown = EncodedChunk(minTime: 0, maxTime: 0, count: 1, bytes: [99, 1])
        var columns = SampleColumns()
        #expect(unknown.kind == nil)
        #expect(throws: ChunkError.unsupportedVersion(found: 99, offset: 0)) {
            try unknown.decode(maximumCount: 1, into: &columns)
        }
        #expect(throws: ChunkError.tooManySamples(count: 12, limit: 11)) {
            try histograms.decode(maximumCount: 11, into: &columns)
        }
    }
}
