import TestSupport
import Testing

@testable import ChunkCoding

@Suite struct DamagedChunkTests {
    private static func chunk(
        _ values: ValueShape,
        _ times: TimeShape,
        count: Int = 40
    ) -> EncodedChunk {
        var generator = SeededGenerator(seed: 3)
        let timestamps = times.timestamps(count: count, using: &generator)
        return EncodedChunk.encode(timestamps, values.values(count: count, using: &generator))
    }

    /// Decodes bytes in place of the chunk's own; nil if they were refused.
    private static func decode(
        _ chunk: EncodedChunk,
        _ bytes: [UInt8]
    ) -> (times: [Int64], values: [Double])? {
        let damaged = EncodedChunk(
            minTime: chunk.minTime,
            maxTime: chunk.maxTime,
            count: chunk.count,
            bytes: bytes
        )
        var times: [Int64] = [-1]
        var values: [Double] = [-1]
        do throws(ChunkError) {
            try damaged.decode(maximumCount: 1000, appendingTo: &times, &values)
        } catch {
            // A refusal leaves nothing behind.
            return times == [-1] && values == [-1] ? nil : ([], [])
        }
        return (times, values)
    }

    @Test(arguments: ValueShape.allCases, [TimeShape.even, .jitter, .growing])
    func `any changed byte is refused or decodes to as many increasing samples`(
        values: ValueShape,
        times: TimeShape
    ) {
        let chunk = Self.chunk(values, times)
        for index in chunk.bytes.indices {
            for flip in [0x01, 0x80, 0xFF, 0x10] as [UInt8] {
                var bytes = chunk.bytes
                bytes[index] ^= flip
                guard let read = Self.decode(chunk, bytes) else { continue }
                #expect(read.times.count == chunk.count + 1)
                #expect(read.values.count == chunk.count + 1)
                #expect(zip(read.times.dropFirst(), read.times.dropFirst(2)).allSatisfy(<))
            }
        }
    }

    @Test(arguments: ValueShape.allCases)
    func `a chunk cut short anywhere is refused`(values: ValueShape) {
        let chunk = Self.chunk(values, .jitter)
        for size in 0..<chunk.bytes.count {
            #expect(Self.decode(chunk, Array(chunk.bytes[..<size])) == nil)
        }
        #expect(Self.decode(chunk, chunk.bytes + [0]) == nil)
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func `random bytes never trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for encoding in [0x10, 0x11, 0x12, 0x18, 0x19, 0x1A] as [UInt8] {
            for _ in 0..<40 {
                let size = Int.random(in: 0...200, using: &generator)
                let bytes =
                    [encoding]
                    + (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
                var times: [Int64] = []
                var values: [Double] = []
                let timesRead: Void? = try? TimestampColumn.decode(
                    bytes.span,
                    count: 300,
                    into: &times
                )
                let valuesRead: Void? = try? ValueColumn.decode(
                    bytes.span,
                    count: 300,
                    into: &values
                )
                #expect(times.count == (timesRead == nil ? 0 : 300))
                #expect(values.count == (valuesRead == nil ? 0 : 300))
            }
        }
    }

    @Test func `an unknown version is refused by name`() {
        let chunk = Self.chunk(.counter, .even)
        let newer = EncodedChunk(
            minTime: chunk.minTime,
            maxTime: chunk.maxTime,
            count: chunk.count,
            bytes: [2] + chunk.bytes.dropFirst()
        )
        var times: [Int64] = []
        var values: [Double] = []
        #expect(throws: ChunkError.unsupportedVersion(found: 2, offset: 0)) {
            try newer.decode(maximumCount: 1000, appendingTo: &times, &values)
        }
        #expect(throws: ChunkError.unsupportedVersion(found: 2, offset: 0)) {
            try ValueColumn.decode([0x20, 0].span, count: 1, into: &values)
        }
        #expect(throws: ChunkError.unknownEncoding(found: 3, offset: 0)) {
            try TimestampColumn.decode([0x13, 0].span, count: 1, into: &times)
        }
    }

    @Test func `more samples than the caller allows are refused before allocating`() {
        let chunk = Self.chunk(.constant, .even)
        var times: [Int64] = []
        var values: [Double] = []
        #expect(throws: ChunkError.tooManySamples(count: 40, limit: 39)) {
            try chunk.decode(maximumCount: 39, appendingTo: &times, &values)
        }
    }

    @Test func `times beside the bytes must be the times in them`() {
        let chunk = Self.chunk(.constant, .even)
        let moved = EncodedChunk(
            minTime: chunk.minTime,
            maxTime: chunk.maxTime + 1,
            count: chunk.count,
            bytes: chunk.bytes
        )
        var times: [Int64] = []
        var values: [Double] = []
        #expect(
            throws: ChunkError.mismatch(
                .maxTime,
                expected: chunk.maxTime + 1,
                found: chunk.maxTime
            )
        ) {
            try moved.decode(maximumCount: 40, appendingTo: &times, &values)
        }
    }

    @Test func `evenly spaced times that pass the end of time are refused`() {
        var column: [UInt8] = [0x10]
        column.appendSignedVarint(.max - 10)
        column.appendVarint(6)
        var times: [Int64] = []
        #expect(throws: ChunkError.invalidField(.timestampStep, found: 6, offset: 11)) {
            try TimestampColumn.decode(column.span, count: 3, into: &times)
        }
    }
}
