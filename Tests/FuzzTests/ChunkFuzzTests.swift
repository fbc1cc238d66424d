import ChunkCoding
import Foundation
import MetricsModel
import TestSupport
import Testing

/// Damages chunks of all kinds.
@Suite struct ChunkFuzzTests {
    @Test func `damaged chunks are decoded within their bounds or refused`() {
        let chunks = Self.chunks(seed: 3)
        let corpus = chunks.map(\.bytes)
        var turn = 0
        let (total, accepted) = FuzzRun.run("chunk", seed: 21, cases: 12_000, corpus: corpus) {
            bytes in
            turn += 1
            let like = chunks[turn % chunks.count]
            let chunk = EncodedChunk(
                minTime: like.minTime,
                maxTime: like.maxTime,
                count: like.count,
                bytes: bytes
            )
            var columns = SampleColumns()
            guard (try? chunk.decode(maximumCount: 1000, into: &columns)) != nil else {
                #expect(columns.timestamps.isEmpty && columns.histograms.timestamps.isEmpty)
                return false
            }
            let count = columns.timestamps.count + columns.histograms.timestamps.count
            #expect(count <= 1000)
            #expect(columns.values.count == columns.timestamps.count)
            return true
        }
        #expect(accepted > 0 && accepted < total)
    }

    private static func chunks(seed: UInt64) -> [EncodedChunk] {
        var random = SeededGenerator(seed: seed)
        return (0..<24).map { chunk(shape: $0, &random) }
    }

    private static func chunk(shape: Int, _ random: inout SeededGenerator) -> EncodedChunk {
        let count = [1, 2, 60, 120, 480][shape % 5]
        let step = [1000, 15_000, 60_000][shape % 3] as Int64
        var times: [Int64] = []
        for index in 0..<count {
            let jitter = shape % 2 == 0 ? 0 : Int64.random(in: 0...900, using: &random)
            times.append(1_700_000_000_000 + Int64(index) * step + jitter)
        }
        if shape % 4 == 3 { return histograms(times, hasStarts: shape % 8 == 3) }
        var state = 0.0
        var values: [Double] = []
        for index in 0..<count {
            switch shape % 4 {
            case 0:
                state += Double(Int.random(in: 0...50, using: &random))
                values.append(index == count - 1 && count > 2 ? StaleMarker.value : state)
            case 1: values.append(Double.random(in: 0..<1, using: &random))
            default: values.append(Double(Int.random(in: -900...900, using: &random)) / 100)
            }
        }
        guard shape % 3 == 0 else { return EncodedChunk.encode(times, values) }
        let starts = times.map { $0 - 60_000 }
        return EncodedChunk(timestamps: times.span, values: values.span, starts: starts.span)
    }

    private static func histograms(_ times: [Int64], hasStarts: Bool) -> EncodedChunk {
        var histograms: [Histogram] = []
        for index in times.indices {
            let buckets = Histogram.Buckets(indexes: [-1, 0, 3], counts: [1, Double(index), 3])
            histograms.append(Histogram(count: Double(index + 4), positive: buckets))
        }
        let starts = hasStarts ? times.map { $0 - 5000 } : []
        return EncodedChunk(
            timestamps: times.span,
            histograms: histograms[...],
            starts: starts.span
        )
    }
}
