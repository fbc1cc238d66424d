import ChunkCoding
import MetricsModel
import TestSupport
import Testing

@testable import BlockFormat

/// Damages blocks: the stored bytes, and the content behind checksums that are right.
@Suite struct BlockFuzzTests {
    @Test func `damaged directories are refused`() throws {
        let goldens = try [
            "BlockFormatTests/Golden/block-v1.bin",
            "BlockFormatTests/Golden/block-v1-compressed.bin",
            "BlockFormatTests/Golden/block-v2.bin",
        ].map { try FuzzRun.golden($0) }
        let directories = try (0..<4).map { seed in
            let block = try Self.block(seed: UInt64(seed))
            return Array(block.body[block.directory])
        }
        let corpus = directories + goldens
        FuzzRun.run("block-directory", seed: 51, cases: 6_000, corpus: corpus) { bytes in
            guard (try? BlockDirectory(decoding: bytes)) != nil else { return false }
            // A directory is the first part of a block.
            let isWhole = corpus.contains { $0.starts(with: bytes) }
            #expect(isWhole, "a damaged directory was taken")
            return true
        }
    }

    @Test func `pages with damaged content and right checksums are read or refused`() throws {
        let blocks = try (0..<4).map { try Self.block(seed: $0) }
        let pages = try blocks.map { try Self.contents(of: $0) }
        let settings = FuzzSettings.current(seed: 52)
        var mutator = ByteMutator(seed: settings.seed)
        var read = 0
        let total = settings.run("block-pages", cases: 1_500) { _ in
            let number = mutator.pick(below: blocks.count)
            let (page, content) = pages[number][mutator.pick(below: pages[number].count)]
            let others = pages[number].filter { $0.page.section == page.section }.map(\.content)
            let damaged = mutator.mutate(anyOf: [content] + others)
            if (try? Self.readAll(blocks[number], replacing: page, with: damaged)) != nil {
                read += 1
            }
            return true
        }
        #expect(read > 0 && read < total)
    }

    private static func block(seed: UInt64) throws -> EncodedBlock {
        var random = SeededGenerator(seed: seed)
        let start: Int64 = 1_700_000_000_000
        var builder = BlockBuilder(range: TimeRange(start: start, end: start + 7_200_000))
        for index in 0..<Int(6 + seed * 5) {
            let labels = Labels([
                ("__name__", "metric_\(index % 3)"), ("pod", "pod-\(index)"),
            ])
            var samples = SampleColumns()
            for sample in 0..<Int64.random(in: 1...40, using: &random) {
                samples.timestamps.append(start + sample * 15_000 + Int64(index % 2))
                samples.values.append(
                    index % 4 == 0 ? Double(bitPattern: random.next()) : Double(sample * 3)
                )
            }
            if index % 5 == 1 {
                samples.histograms = HistogramColumns(
                    timestamps: [start + 1_000_000],
                    values: [Histogram(count: 3, positive: .init(indexes: [1], counts: [3]))],
                    startTimestamps: [start]
                )
            }
            builder.add(
                labels: labels,
                fingerprint: Fingerprint(seed: TenantSeed(.anonymous), labels: labels),
                samples: samples
            )
        }
        return try builder.finish()
    }

    private static func pages(of directory: BlockDirectory) -> [BlockPage] {
        directory.labelPages + directory.timestampPages + directory.valuePages
            + directory.digestPages + directory.histogramPages + directory.startPages
    }

    private static func contents(
        of block: EncodedBlock
    ) throws -> [(page: BlockPage, content: [UInt8])] {
        let directory = try BlockDirectory(decoding: Array(block.body[block.directory]))
        return try pages(of: directory).map { page in
            let stored = Array(block.body[page.range])
            return (page, try page.open(stored, with: try PageDecompressor(for: page.location)))
        }
    }

    /// Reads all of a block in whose directory one page has another content and the checksum of that.
    private static func readAll(
        _ block: EncodedBlock,
        replacing page: BlockPage,
        with content: [UInt8]
    ) throws {
        let original = try BlockDirectory(decoding: Array(block.body[block.directory]))
        var stored: [Range<Int>: [UInt8]] = [:]
        var pages: [BlockSection: [BlockPage]] = [:]
        for one in Self.pages(of: original) {
            let isReplaced = one == page
            // A page as long as stored is one that is not compressed.
            let bytes = isReplaced ? content : Array(block.body[one.range])
            let replaced = BlockPage(
                section: one.section,
                index: one.index,
                range: one.range.lowerBound..<one.range.lowerBound + bytes.count,
                size: isReplaced ? bytes.count : one.size,
                checksum: PageChecksum.of(bytes),
                items: one.items
            )
            pages[one.section, default: []].append(replaced)
            stored[replaced.range] = bytes
        }
        let directory = BlockDirectory(
            version: original.version,
            summary: BlockDirectory.Summary(
                range: original.range,
                minTime: original.minTime,
                maxTime: original.maxTime,
                seriesCount: original.seriesCount,
                sampleCount: original.sampleCount
            ),
            labelNames: original.labelNameBytes,
            metrics: original.metrics,
            pages: pages,
            bodySize: original.bodySize,
            foreignSections: original.foreignSections
        )
        var query = BlockQuery(directory: directory, matchers: [], seed: TenantSeed(.anonymous))
        while !query.need.isEmpty { try query.supply(query.need.map { stored[$0] ?? [] }) }
        for series in query.series {
            var samples = SampleColumns()
            try query.decode(series, into: &samples)
            #expect(samples.timestamps.count == samples.values.count)
        }
        _ = try directory.digests(in: directory.digestRanges.map { stored[$0] ?? [] })
    }
}
