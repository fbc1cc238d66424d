import BlockFormat
import MetricsModel
import TestSupport
import Testing

@Suite struct BlockScanTests {
    /// Reads a whole block with a scan, and builds it anew of what comes.
    private func rebuild(_ block: EncodedBlock, level: Int) throws -> EncodedBlock {
        let directory = try block.openDirectory()
        var scan = BlockScan(directory: directory, seed: TenantSeed(try TenantID("team-a")))
        var builder = try SortedBlockBuilder(
            range: block.range,
            merging: [directory],
            compressionLevel: level
        )
        var samples = SampleColumns()
        while !scan.isAtEnd {
            let pages = scan.neededPages
            if !pages.isEmpty {
                try scan.supply(pages.map { Array(block.body[$0.range]) })
                continue
            }
            let series = try #require(scan.current)
            samples.removeAll()
            try scan.decode(into: &samples)
            #expect(samples.count == series.sampleCount)
            try builder.add(
                labels: series.labels,
                fingerprint: series.fingerprint,
                samples: samples
            )
            try scan.advance()
        }
        #expect(scan.current == nil && scan.neededPages.isEmpty)
        return try builder.finish()
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `a block that is read and built anew is the same to the byte`(seed: UInt64) throws {
        let fixture = BlockFixture.random(
            seed: seed,
            metricCount: Int(seed) * 3,
            seriesPerMetric: 40,
            sampleCount: 200
        )
        let block = try fixture.build()
        let copy = try rebuild(block, level: 1)
        #expect(copy.body == block.body)
        #expect(copy.metrics == block.metrics)
        #expect(copy.directory == block.directory)
        #expect((copy.minTime, copy.maxTime) == (block.minTime, block.maxTime))
    }

    @Test func `also with histograms and start timestamps`() throws {
        let block = try MixedBlockTests.fixture(count: 600).build()
        #expect(try rebuild(block, level: 1).body == block.body)
    }

    @Test func `a higher level makes a smaller block with the same series`() throws {
        let fixture = BlockFixture.random(
            seed: 5,
            metricCount: 20,
            seriesPerMetric: 100,
            sampleCount: 240
        )
        let block = try fixture.build()
        let small = try rebuild(block, level: 9)
        #expect(small.body.count < block.body.count)
        #expect(try rebuild(small, level: 1).body == block.body)
    }

    @Test func `series out of order are refused`() throws {
        var builder = try SortedBlockBuilder(
            range: TimeRange(start: 0, end: 10),
            merging: [],
            compressionLevel: 1
        )
        func add(_ labels: Labels) throws {
            try builder.add(
                labels: labels,
                fingerprint: try BlockFixture.fingerprint(labels),
                samples: SampleColumns(timestamps: [1], values: [1])
            )
        }
        try add(["__name__": "b"])
        #expect(throws: BlockBuildError.self) { try add(["__name__": "a"]) }
        #expect(throws: BlockBuildError.self) { try add(["__name__": "b"]) }
        try add(["__name__": "c"])
    }

    @Test func `damaged pages are errors and change nothing`() throws {
        let block = try BlockFixture.random(
            seed: 1,
            metricCount: 3,
            seriesPerMetric: 5,
            sampleCount: 20
        ).build()
        var scan = BlockScan(
            directory: try block.openDirectory(),
            seed: TenantSeed(try TenantID("team-a"))
        )
        for _ in 0..<2 {
            let pages = scan.neededPages
            var bytes = pages.map { Array(block.body[$0.range]) }
            bytes[0][bytes[0].count / 2] ^= 0x40
            #expect(throws: BlockFormatError.self) { try scan.supply(bytes) }
            #expect(throws: BlockFormatError.self) { try scan.supply([]) }
            #expect(scan.neededPages == pages)
            try scan.supply(pages.map { Array(block.body[$0.range]) })
        }
        #expect(scan.current != nil)
    }
}
