import Foundation
import Testing

@testable import ChunkCoding

/// Holds version 1: old bytes stay readable, and the writer still writes them.
@Suite struct GoldenChunkTests {
    /// A named chunk of the golden file.
    struct Entry: Sendable {
        let name: String
        let timestamps: [Int64]
        let values: [Double]
    }

    static let entries: [Entry] = [
        Entry(
            name: "up",
            timestamps: even(6),
            values: [1, 1, 1, 1, 1, 1]
        ),
        Entry(
            name: "counter-with-stale-marker",
            timestamps: even(8),
            values: [100, 103, 109, 110, 118, 121, 130, Double(bitPattern: 0x7FF0_0000_0000_0002)]
        ),
        Entry(
            name: "seconds-with-jitter",
            timestamps: [0, 14_998, 30_001, 45_000, 60_002, 75_000].map { 1_700_000_000_000 + $0 },
            values: [0.25, 0.5, 0.31, 0.27, 1.05, 0.99]
        ),
        Entry(
            name: "growing",
            timestamps: [0, 10, 30, 60, 100, 150],
            values: [0, 4096, 12288, 24576, 40960, 61440]
        ),
        Entry(
            name: "floats",
            timestamps: even(5),
            values: [.pi, 2.718281828459045, 1.4142135623730951, .infinity, 1.618033988749895]
        ),
        Entry(
            name: "special",
            timestamps: even(6),
            values: [
                -0.0, .infinity, -.infinity, Double(bitPattern: 0x7FF8_0000_0000_0001),
                Double(bitPattern: 0xFFF8_0000_0000_0123), .leastNonzeroMagnitude,
            ]
        ),
        Entry(
            name: "reset",
            timestamps: even(40),
            values: (0..<40).map { Double($0 < 30 ? 1_000_000 + $0 : $0 - 30) }
        ),
        Entry(
            name: "repeated-floats",
            timestamps: even(40),
            values: (0..<40).map { $0 < 37 ? 0.1 + 0.2 : 1.0 / 3 }
        ),
    ]

    private static func even(_ count: Int) -> [Int64] {
        (0..<count).map { 1_700_000_000_000 + Int64($0) * 15_000 }
    }

    /// The golden file's chunks by name: each line is a name and the chunk's bytes in hexadecimal.
    static func golden() throws -> [String: [UInt8]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/chunk-v1.txt")
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
            let chunk = EncodedChunk(
                minTime: try #require(entry.timestamps.first),
                maxTime: try #require(entry.timestamps.last),
                count: entry.timestamps.count,
                bytes: try #require(golden[entry.name])
            )
            var times: [Int64] = []
            var values: [Double] = []
            try chunk.decode(maximumCount: 100, appendingTo: &times, &values)
            #expect(times == entry.timestamps, "\(entry.name)")
            #expect(
                values.map(\.bitPattern) == entry.values.map(\.bitPattern),
                "\(entry.name)"
            )
        }
    }

    @Test func `the writer still writes the golden chunks`() throws {
        let golden = try Self.golden()
        for entry in Self.entries {
            let bytes = EncodedChunk.encode(entry.timestamps, entry.values).bytes
            let line = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined(separator: " ")
            #expect(golden[entry.name] == bytes, "\(entry.name) \(line)")
        }
    }

    @Test func `the format page shows a golden chunk byte by byte`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/formats/chunk.md")
        let shown =
            try String(contentsOf: page, encoding: .utf8)
            .split(separator: "```hex\n").last?.split(separator: "```").first ?? ""
        var bytes: [UInt8] = []
        for line in shown.split(separator: "\n") {
            let fields = line.split(separator: "|")
            try #require(fields.count > 1)
            #expect(Int(fields[0].filter { $0 != " " }, radix: 16) == bytes.count)
            bytes += try fields[1].split(separator: " ").map { try #require(UInt8($0, radix: 16)) }
        }
        #expect(try Self.golden()["counter-with-stale-marker"] == bytes)
    }
}
