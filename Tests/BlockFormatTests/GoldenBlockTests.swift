import Foundation
import MetricsModel
import Testing

@testable import BlockFormat

/// Holds version 1: old bytes stay readable, and the writer still lays blocks out so.
@Suite struct GoldenBlockTests {
    static let fixture: BlockFixture = {
        let times = (0..<4).map { BlockFixture.range.start + Int64($0) * 15_000 }
        return BlockFixture(series: [
            BlockFixture.Series(
                labels: ["__name__": "up", "instance": "a:9100", "job": "node"],
                timestamps: times,
                values: [1, 1, 0, 1]
            ),
            BlockFixture.Series(
                labels: ["__name__": "up", "instance": "b:9100", "job": "node"],
                timestamps: times,
                values: [1, 1, 1, StaleMarker.value]
            ),
            BlockFixture.Series(
                labels: ["__name__": "load", "instance": "a:9100"],
                timestamps: times.map { $0 + 7 },
                values: [0.25, 0.31, 0.5, 0.27]
            ),
            BlockFixture.Series(
                labels: ["__name__": "up", "instance": "b:9100", "job": "node", "zone": "west"],
                timestamps: times,
                values: [1, 1, 1, 1]
            ),
        ])
    }()

    /// Large enough for zstd to compress every section but the digests.
    static let compressedFixture = BlockFixture(
        series: (0..<24).map { index in
            let start = BlockFixture.range.start + Int64(index % 3)
            return BlockFixture.Series(
                labels: [
                    "__name__": index < 8 ? "requests_total" : "request_seconds",
                    "instance": "host-\(index / 2).example.org:9100", "job": "web",
                    "path": index.isMultiple(of: 2) ? "/api/v1/query" : "/api/v1/query_range",
                ],
                timestamps: (0..<60).map { start + Int64($0 * (30_000 + $0 % 7)) },
                values: (0..<60).map {
                    index < 8 ? Double($0 * $0 * (index + 1)) : Double(($0 * 37) % 101) / 1000
                }
            )
        }
    )

    /// Each golden file with the series it was made of.
    static let files = [
        (name: "block-v1.bin", fixture: fixture),
        (name: "block-v1-compressed.bin", fixture: compressedFixture),
    ]

    static func golden(_ name: String) throws -> [UInt8] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/\(name)")
        return Array(try Data(contentsOf: file))
    }

    /// The golden block as if it had just been written.
    static func goldenBlock(_ name: String) throws -> EncodedBlock {
        let body = try golden(name)
        var reader = PageReader(body, section: .directory, page: 0)
        _ = try reader.take(8)
        let end = BlockLayout.headerSize + Int(try reader.fixed(UInt32.self))
        let directory = try BlockDirectory(decoding: Array(body[..<end]))
        return EncodedBlock(
            body: body,
            directory: 0..<end,
            range: directory.range,
            minTime: directory.minTime,
            maxTime: directory.maxTime,
            seriesCount: directory.seriesCount,
            sampleCount: directory.sampleCount,
            metrics: directory.metrics
        )
    }

    @Test(arguments: files)
    func `a golden block still reads as its series`(name: String, fixture: BlockFixture) throws {
        let block = try Self.goldenBlock(name)
        expectSame(try block.run([]).series, fixture.select([]))
        let host = [LabelMatcher(name: "instance", equals: "host-3.example.org:9100")]
        expectSame(try block.run(host).series, fixture.select(host))
        let names = Set(fixture.series.flatMap { $0.labels.pairs.map(\.name) })
        #expect(try block.ask(.labelNames, []).answer == names.sorted())
    }

    @Test(arguments: files)
    func `a golden block's digests are still those of its samples`(
        name: String,
        fixture: BlockFixture
    ) throws {
        let block = try Self.goldenBlock(name)
        let directory = try block.openDirectory()
        let digests = try directory.digests(in: block.read(directory.digestRanges))
        let expected = try directory.metrics.flatMap { metric in
            try fixture.select([LabelMatcher(name: "__name__", equals: metric.name)]).map {
                SeriesDigest(
                    fingerprint: try BlockFixture.fingerprint($0.labels),
                    timestamps: $0.timestamps.span,
                    values: $0.values.span
                )
            }
        }
        #expect(digests == expected)
    }

    /// zstd may compress otherwise from version to version; what it compresses must not change.
    @Test(arguments: files)
    func `the writer still writes a golden block's pages`(
        name: String,
        fixture: BlockFixture
    ) throws {
        let golden = try Self.goldenBlock(name)
        let written = try fixture.build()
        let old = try golden.openDirectory()
        let new = try written.openDirectory()
        #expect(old.metrics == new.metrics)
        #expect(old.labelNames == new.labelNames)
        #expect(old.range == new.range)
        for pages in [\BlockDirectory.labelPages, \.timestampPages, \.valuePages, \.digestPages] {
            let expected = try Self.contents(old[keyPath: pages], in: golden)
            #expect(try Self.contents(new[keyPath: pages], in: written) == expected)
        }
    }

    @Test func `the larger golden block has compressed pages`() throws {
        let directory = try Self.goldenBlock("block-v1-compressed.bin").openDirectory()
        let pages = directory.labelPages + directory.timestampPages + directory.valuePages
        #expect(pages.allSatisfy { $0.range.count < $0.size })
    }

    static func contents(
        _ pages: [BlockPage],
        in block: EncodedBlock
    ) throws -> [[UInt8]] {
        try pages.map {
            try $0.open(
                Array(block.body[$0.range]),
                with: try PageDecompressor(for: $0.location)
            )
        }
    }

    @Test(arguments: [(1, "block-v1.bin"), (2, "block-v2.bin")])
    func `the format page shows a golden block of each version byte by byte`(
        place: Int,
        name: String
    ) throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/formats/block.md")
        let parts = try String(contentsOf: page, encoding: .utf8).split(separator: "```hex\n")
        try #require(parts.count == 3)
        let shown = parts[place].split(separator: "```").first ?? ""
        var bytes: [UInt8] = []
        for line in shown.split(separator: "\n") {
            let fields = line.split(separator: "|")
            try #require(fields.count > 1)
            #expect(Int(fields[0].filter { $0 != " " }, radix: 16) == bytes.count)
            bytes += try fields[1].split(separator: " ").map { try #require(UInt8($0, radix: 16)) }
        }
        #expect(try Self.golden(name) == bytes)
    }
}
