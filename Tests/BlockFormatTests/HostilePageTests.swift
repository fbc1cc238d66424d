import MetricsModel
import Testing

@testable import BlockFormat

/// Pages whose checksums are right and whose content is not: made by a bug or by malice.
@Suite struct HostilePageTests {
    private static func directory(
        _ block: EncodedBlock,
        replacing section: BlockSection,
        with page: [UInt8]
    ) throws -> (BlockDirectory, stored: [Range<Int>: [UInt8]]) {
        let original = try block.openDirectory()
        var stored: [Range<Int>: [UInt8]] = [:]
        var pages: [BlockSection: [BlockPage]] = [:]
        for one in original.labelPages + original.timestampPages + original.valuePages
            + original.digestPages + original.histogramPages + original.startPages
        {
            // A page as long as stored is a page not compressed.
            let content = one.section == section ? page : Array(block.body[one.range])
            let replaced = BlockPage(
                section: one.section,
                index: one.index,
                range: one.range.lowerBound..<(one.range.lowerBound + content.count),
                size: one.section == section ? content.count : one.size,
                checksum: PageChecksum.of(content),
                items: one.items
            )
            pages[one.section, default: []].append(replaced)
            stored[replaced.range] = content
        }
        let summary = BlockDirectory.Summary(
            range: original.range,
            minTime: original.minTime,
            maxTime: original.maxTime,
            seriesCount: original.seriesCount,
            sampleCount: original.sampleCount
        )
        let directory = BlockDirectory(
            version: original.version,
            summary: summary,
            labelNames: original.labelNameBytes,
            metrics: original.metrics,
            pages: pages,
            bodySize: original.bodySize,
            foreignSections: original.foreignSections
        )
        return (directory, stored)
    }

    private static func readAll(
        _ directory: BlockDirectory,
        stored: [Range<Int>: [UInt8]]
    ) throws {
        var query = BlockQuery(directory: directory, matchers: [], seed: TenantSeed(.anonymous))
        while !query.need.isEmpty { try query.supply(query.need.map { stored[$0] ?? [] }) }
        for series in query.series {
            var samples = SampleColumns()
            try query.decode(series, into: &samples)
            #expect(samples.timestamps.count == series.floatCount)
            #expect(samples.values.count == series.floatCount)
            #expect(samples.histograms.values.count == series.histogramCount)
            #expect(samples.histograms.timestamps.count == series.histogramCount)
        }
        _ = try directory.digests(in: directory.digestRanges.map { stored[$0] ?? [] })
    }

    private static let floats = BlockFixture.random(
        seed: 31,
        metricCount: 3,
        seriesPerMetric: 3,
        sampleCount: 12
    )

    @Test(arguments: [BlockSection.labels, .timestamps, .values, .digests])
    func `pages with any byte changed are refused or read without a trap`(
        section: BlockSection
    ) throws {
        try Self.changeEveryByte(of: section, in: try Self.floats.build())
    }

    @Test(arguments: [BlockSection.labels, .timestamps, .values, .histograms, .starts])
    func `pages of a block with all kinds of samples are no less safe`(
        section: BlockSection
    ) throws {
        try Self.changeEveryByte(of: section, in: try MixedBlockTests.small.build())
    }

    private static func changeEveryByte(of section: BlockSection, in block: EncodedBlock) throws {
        let original = try block.openDirectory()
        let floats = original.labelPages + original.timestampPages + original.valuePages
        let others = original.digestPages + original.histogramPages + original.startPages
        let page = try #require((floats + others).first { $0.section == section })
        let content = try page.open(
            Array(block.body[page.range]),
            with: try PageDecompressor(for: page.location)
        )
        var refused = 0
        for index in content.indices {
            for flip in [0x01, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = content
                changed[index] ^= flip
                let (directory, stored) = try Self.directory(
                    block,
                    replacing: section,
                    with: changed
                )
                do {
                    try Self.readAll(directory, stored: stored)
                } catch is BlockFormatError {
                    refused += 1
                }
            }
        }
        // Fixed-width fields of digests have no wrong values; all other sections have many.
        #expect(refused > 0)
    }

    @Test func `a directory with any byte changed and a right checksum never traps`() throws {
        let block = try BlockFixture.random(
            seed: 32,
            metricCount: 3,
            seriesPerMetric: 3,
            sampleCount: 12
        ).build()
        let header = Array(block.body[..<BlockLayout.headerSize])
        let stored = Array(block.body[BlockLayout.headerSize..<block.directory.upperBound])
        var reader = PageReader(header, section: .directory, page: 0)
        _ = try reader.take(12)
        let size = Int(try reader.fixed(UInt32.self))
        let location = BlockLocation(section: .directory, page: 0)
        let content = try PageDecompressor(for: location).decompress(
            stored,
            size: size,
            at: location
        )
        for index in content.indices {
            for flip in [0x01, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = content
                changed[index] ^= flip
                let bytes = Self.frame(changed)
                guard let directory = try? BlockDirectory(decoding: bytes) else { continue }
                try? Self.readWhatIsThere(directory, body: block.body)
            }
        }
    }

    private static func frame(_ directory: [UInt8]) -> [UInt8] {
        var header = BlockLayout.magic + [BlockLayout.floatsVersion, 0, 0, 0]
        header.appendFixed(UInt32(directory.count))
        header.appendFixed(UInt32(directory.count))
        header.appendFixed(PageChecksum.of(directory, seed: PageChecksum.of(header)))
        return header + directory
    }

    /// Fetches as a store would: what lies outside the body is not there.
    private static func readWhatIsThere(_ directory: BlockDirectory, body: [UInt8]) throws {
        var query = BlockQuery(directory: directory, matchers: [], seed: TenantSeed(.anonymous))
        while !query.need.isEmpty {
            try query.supply(query.need.map { Array(body[$0.clamped(to: 0..<body.count)]) })
        }
    }

    @Test func `a page that announces another size than it has is refused`() throws {
        let bomb = [UInt8](repeating: 0, count: 1 << 20)
        let stored = try PageCompressor().compress(bomb)
        #expect(stored.count < 200)
        let location = BlockLocation(section: .values, page: 3)
        #expect(throws: BlockFormatError.sizeMismatch(location, expected: 1000, found: 1 << 20)) {
            _ = try PageDecompressor(for: location).decompress(stored, size: 1000, at: location)
        }
    }
}
