import MetricsModel
import TestSupport
import Testing

@testable import ChunkCoding

/// Open chunks, as they are sent to queriers.
@Suite struct SampleStreamTests {
    @Test(arguments: ValueShape.allCases, TimeShape.allCases)
    func `samples come back with their bits`(values: ValueShape, times: TimeShape) throws {
        for count in [1, 2, 3, 40, 120] {
            let (chunk, timestamps, samples) = Self.chunk(values, times, count: count)
            #expect(chunk.kind == .stream)
            var columns = SampleColumns(timestamps: [.min], values: [9], startTimestamps: [3])
            try chunk.decode(maximumCount: count, into: &columns)
            #expect(columns.timestamps == [.min] + timestamps)
            #expect(columns.values.dropFirst().map(\.bitPattern) == samples.map(\.bitPattern))
            #expect(columns.startTimestamps == [3] + samples.map { _ in 0 })
        }
    }

    @Test(arguments: [ValueShape.anyBits, .counter, .special, .constant])
    func `any changed byte is refused or decodes to as many increasing samples`(
        values: ValueShape
    ) {
        let (chunk, _, _) = Self.chunk(values, .jitter, count: 12)
        for index in chunk.bytes.indices {
            for flip in 1...255 as ClosedRange<UInt8> {
                var bytes = chunk.bytes
                bytes[index] ^= flip
                guard let read = Self.decode(chunk, bytes) else { continue }
                #expect(read.timestamps.count == chunk.count)
                #expect(read.values.count == chunk.count)
                #expect(zip(read.timestamps, read.timestamps.dropFirst()).allSatisfy(<))
            }
        }
    }

    @Test(arguments: [ValueShape.anyBits, .counter, .constant])
    func `a stream cut short or prolonged anywhere is refused`(values: ValueShape) {
        let (chunk, _, _) = Self.chunk(values, .jitter, count: 30)
        for size in 0..<chunk.bytes.count {
            #expect(Self.decode(chunk, Array(chunk.bytes.prefix(size))) == nil)
        }
        #expect(Self.decode(chunk, chunk.bytes + [0]) == nil)
    }

    @Test(arguments: [Int.min, -1, 0, 29, 31, 1000, 1 << 40, .max])
    func `a count that is not the stream's is refused`(count: Int) {
        let (chunk, _, _) = Self.chunk(.counter, .jitter, count: 30)
        #expect(Self.decode(chunk, chunk.bytes, count: count) == nil)
    }

    @Test func `bytes at random are refused or decode to as many samples`() {
        var random = SeededGenerator(seed: 11)
        let (chunk, _, _) = Self.chunk(.counter, .even, count: 30)
        for _ in 0..<2000 {
            var bytes = chunk.bytes.prefix(17)
            for _ in 0..<Int.random(in: 0...120, using: &random) {
                bytes.append(UInt8.random(in: 0...255, using: &random))
            }
            guard let read = Self.decode(chunk, Array(bytes)) else { continue }
            #expect(read.timestamps.count == chunk.count)
        }
    }

    /// Decodes bytes in place of the chunk's own; nil if they were refused, and nothing was left behind.
    private static func decode(
        _ chunk: EncodedChunk,
        _ bytes: [UInt8],
        count: Int? = nil
    ) -> SampleColumns? {
        let damaged = EncodedChunk(
            minTime: chunk.minTime,
            maxTime: chunk.maxTime,
            count: count ?? chunk.count,
            bytes: bytes
        )
        var columns = SampleColumns()
        do throws(ChunkError) {
            try damaged.decode(maximumCount: 1000, into: &columns)
            return columns
        } catch {
            #expect(columns.isEmpty && columns.values.isEmpty)
            return nil
        }
    }

    private static func chunk(
        _ values: ValueShape,
        _ times: TimeShape,
        count: Int
    ) -> (chunk: EncodedChunk, timestamps: [Int64], values: [Double]) {
        var random = SeededGenerator(seed: 3)
        let timestamps = times.timestamps(count: count, using: &random)
        let samples = values.values(count: count, using: &random)
        var bytes = [UInt8](repeating: 0, count: (count + 1) * SampleStream.maximumSize)
        let size = bytes.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return 0 }
            SampleStream.writeFirst(timestamp: timestamps[0], bits: samples[0].bitPattern, to: base)
            var size = SampleStream.firstSize
            var step: Int64 = 0
            for index in 1..<max(1, count) {
                let next = timestamps[index] &- timestamps[index - 1]
                size += SampleStream.write(
                    step: next &- step,
                    change: samples[index].bitPattern ^ samples[index - 1].bitPattern,
                    to: base + size
                )
                step = next
            }
            return size
        }
        let chunk = EncodedChunk(
            streamOf: count,
            minTime: timestamps[0],
            maxTime: timestamps[count - 1],
            size: size
        ) { target in
            for (offset, byte) in bytes.prefix(size).enumerated() {
                target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            }
        }
        return (chunk, timestamps, samples)
    }
}
