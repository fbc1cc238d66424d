import Foundation
import MetricsModel
import Testing

@testable import ChunkCoding

/// Holds the bytes of chunks with start timestamps and of histograms.
@Suite struct GoldenKindTests {
    static let times: [Int64] = (0..<6).map { 1_700_000_000_000 + $0 * 15_000 }

    static let entries: [(name: String, chunk: EncodedChunk)] = [
        ("starts-constant", floats(starts: times.map { _ in 1_699_999_990_000 })),
        ("starts-distance", floats(starts: times.map { $0 - 15_000 })),
        ("starts-jump", floats(starts: [0, 5, 1, 0, 9, 2])),
        ("exponential", histograms(times.indices.map(exponential), starts: [])),
        (
            "custom-with-starts",
            histograms(times.indices.map(custom), starts: times.map { _ in 1_699_999_990_000 })
        ),
    ]

    private static func floats(starts: [Int64]) -> EncodedChunk {
        let values = times.indices.map { Double($0 * $0) }
        return EncodedChunk(timestamps: times.span, values: values.span, starts: starts.span)
    }

    private static func histograms(_ values: [Histogram], starts: [Int64]) -> EncodedChunk {
        EncodedChunk(timestamps: times.span, histograms: values[...], starts: starts.span)
    }

    private static func exponential(_ index: Int) -> Histogram {
        if index == 5 { return .staleMarker }
        let count = Double(index)
        return Histogram(
            schema: 2,
            resetHint: index == 0 ? .unknown : .notReset,
            zeroThreshold: 0.001,
            zeroCount: 1,
            count: 4 * count + 1,
            sum: 2.5 * count,
            positive: .init(indexes: [-1, 0, 3], counts: [count, count, 0]),
            negative: .init(indexes: [2], counts: [2 * count])
        )
    }

    private static func custom(_ index: Int) -> Histogram {
        Histogram(
            schema: Histogram.customSchema,
            resetHint: .gauge,
            count: 3.5,
            sum: 0.1 + Double(index),
            positive: .init(indexes: [0, 2], counts: [Double(index), 0.5]),
            customBounds: [0.1, 0.25]
        )
    }

    static func golden() throws -> [String: [UInt8]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/chunk-v2-v3.txt")
        var chunks: [String: [UInt8]] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ")
            let name = try #require(words.first)
            chunks[String(name)] = try words.dropFirst().map { try #require(UInt8($0, radix: 16)) }
        }
        return chunks
    }

    @Test func `every golden chunk still decodes to its samples`() throws {
        let golden = try Self.golden()
        #expect(golden.count == Self.entries.count)
        for entry in Self.entries {
            let old = EncodedChunk(
                minTime: entry.chunk.minTime,
                maxTime: entry.chunk.maxTime,
                count: entry.chunk.count,
                bytes: try #require(golden[entry.name])
            )
            var (read, expected) = (SampleColumns(), SampleColumns())
            try old.decode(maximumCount: 6, into: &read)
            try entry.chunk.decode(maximumCount: 6, into: &expected)
            #expect(read.isSame(as: expected), "\(entry.name)")
            #expect(read.count == 6)
        }
    }

    @Test func `the writer still writes the golden chunks`() throws {
        let golden = try Self.golden()
        for entry in Self.entries {
            let line = entry.chunk.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined(separator: " ")
            #expect(golden[entry.name] == entry.chunk.bytes, "GOLDEN \(entry.name) \(line)")
        }
    }
}
