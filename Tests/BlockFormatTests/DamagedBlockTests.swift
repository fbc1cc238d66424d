import BlockFormat
import MetricsModel
import Testing

@Suite struct DamagedBlockTests {
    private static func small() throws -> (fixture: BlockFixture, block: EncodedBlock) {
        let fixture = BlockFixture.random(
            seed: 21,
            metricCount: 3,
            seriesPerMetric: 3,
            sampleCount: 12
        )
        return (fixture, try fixture.build())
    }

    /// Reads everything in a body whose directory is where the block's is.
    private static func readAll(
        _ body: [UInt8],
        directory range: Range<Int>
    ) throws -> ([BlockFixture.Series], [SeriesDigest]) {
        let directory = try BlockDirectory(decoding: Array(body[range]))
        var query = BlockQuery(directory: directory, matchers: [], seed: TenantSeed(.anonymous))
        while !query.need.isEmpty { try query.supply(query.need.map { Array(body[$0]) }) }
        let series = try query.series.map { found in
            var timestamps: [Int64] = []
            var values: [Double] = []
            try query.decode(found, into: &timestamps, &values)
            return BlockFixture.Series(
                labels: found.labels,
                timestamps: timestamps,
                values: values
            )
        }
        return (series, try directory.digests(in: directory.digestRanges.map { Array(body[$0]) }))
    }

    @Test func `every flipped byte of a block is noticed`() throws {
        let (_, block) = try Self.small()
        for index in block.body.indices {
            for flip in [0x01, 0x80, 0xFF] as [UInt8] {
                var body = block.body
                body[index] ^= flip
                #expect(throws: BlockFormatError.self, "byte \(index)") {
                    _ = try Self.readAll(body, directory: block.directory)
                }
            }
        }
    }

    @Test func `a directory cut short anywhere is refused`() throws {
        let (_, block) = try Self.small()
        for size in 0..<block.directory.count {
            #expect(throws: BlockFormatError.self) {
                _ = try BlockDirectory(decoding: Array(block.body[..<size]))
            }
        }
    }

    @Test func `an unknown version is refused by name`() throws {
        let (_, block) = try Self.small()
        var bytes = Array(block.body[block.directory])
        bytes[4] = 3
        #expect(throws: BlockFormatError.unsupportedVersion(found: 3)) {
            _ = try BlockDirectory(decoding: bytes)
        }
        #expect(throws: BlockFormatError.notABlock(found: [0x47, 0x47, 0x42, 0x4B])) {
            _ = try BlockDirectory(decoding: [0x47] + bytes.dropFirst())
        }
    }

    @Test func `a damaged page is named with its section`() throws {
        let (_, block) = try Self.small()
        let directory = try block.openDirectory()
        var selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        var bytes = block.read(selection.need)
        bytes[0][0] ^= 1
        let error = #expect(throws: BlockFormatError.self) { try selection.supply(bytes) }
        guard case .checksumMismatch(let location, let expected, let found) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(location == BlockLocation(section: .labels, page: 0))
        #expect(expected != found)
        // The page can be fetched again.
        try selection.supply(block.read(selection.need))
        #expect(selection.series.count == block.seriesCount)
    }

    @Test func `pages of the wrong size or number are refused`() throws {
        let (_, block) = try Self.small()
        let directory = try block.openDirectory()
        var selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        #expect(throws: BlockFormatError.self) { try selection.supply([[UInt8]]()) }
        #expect(throws: BlockFormatError.self) {
            try selection.supply(block.read(selection.need).map { $0 + [0] })
        }
        #expect(throws: BlockFormatError.self) {
            try selection.supply(block.read(selection.need).map { _ in [] })
        }
        #expect(throws: BlockFormatError.self) { _ = try directory.digests(in: []) }
    }
}
