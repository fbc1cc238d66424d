import Foundation
import MetricsModel
import TestSupport
import Testing

@testable import BlockFormat

/// Sections 6 and 7: exemplars and metadata.
@Suite struct ExemplarBlockTests {
    static let start = BlockFixture.range.start

    /// One series with its exemplars.
    struct Series: Sendable {
        var labels: Labels
        var exemplars: [Exemplar]
    }

    static func exemplar(_ offset: Int64, _ value: Double, _ id: String) -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: start + offset, value: value)
    }

    static let series = [
        Series(labels: ["__name__": "up", "pod": "a"], exemplars: []),
        Series(
            labels: ["__name__": "latency_bucket", "le": "1", "pod": "a"],
            exemplars: [exemplar(-500, 0.5, "aa"), exemplar(3, 0.25, "bb"), exemplar(3, 0.5, "cc")]
        ),
        Series(
            labels: ["__name__": "latency_bucket", "le": "1", "pod": "b"],
            exemplars: [exemplar(7, -0.0, "dd")]
        ),
        Series(labels: ["__name__": "latency_bucket", "le": "2", "pod": "a"], exemplars: []),
        Series(
            labels: ["__name__": "zz", "pod": "a"],
            exemplars: [exemplar(14_000, .infinity, "größe")]
        ),
    ]

    static let metadata = [
        MetricMetadata(name: "latency", kind: .histogram, help: "How long.", unit: "seconds"),
        MetricMetadata(name: "not_here", kind: .gauge, help: "Left out."),
        MetricMetadata(name: "up", kind: .gauge, help: "Is it?"),
    ]

    static func build(
        _ series: [Series] = series,
        metadata: [MetricMetadata] = metadata
    ) throws -> EncodedBlock {
        var builder = BlockBuilder(range: BlockFixture.range)
        for (index, one) in series.enumerated() {
            builder.add(
                labels: one.labels,
                fingerprint: try BlockFixture.fingerprint(one.labels),
                samples: SampleColumns(
                    timestamps: [start, start + 15_000],
                    values: [Double(index), 1]
                ),
                exemplars: one.exemplars
            )
        }
        builder.add(metadata: metadata)
        return try builder.finish()
    }

    /// The exemplars of what matches, and the bytes of exemplar pages that were read.
    static func read(
        _ body: [UInt8],
        _ directoryRange: Range<Int>,
        _ matchers: [LabelMatcher] = [],
        _ range: TimeRange = .all
    ) throws -> (found: [Labels: [Exemplar]], pages: Int) {
        let directory = try BlockDirectory(decoding: Array(body[directoryRange]))
        var selection = BlockSelection(
            directory: directory,
            matchers: matchers,
            seed: TenantSeed(.anonymous)
        )
        if !selection.need.isEmpty { try selection.supply(selection.need.map { Array(body[$0]) }) }
        var exemplars = BlockExemplars(
            directory: directory,
            series: selection.series,
            range: range
        )
        var pages = 0
        var rounds = 0
        while !exemplars.need.isEmpty {
            pages += exemplars.need.count
            try exemplars.supply(exemplars.need.map { Array(body[$0]) })
            rounds += 1
            try #require(rounds <= 2)
        }
        var found: [Labels: [Exemplar]] = [:]
        for series in selection.series {
            let list = exemplars.exemplars(of: series)
            if !list.isEmpty { found[series.labels] = list }
        }
        return (found, pages)
    }

    static func readMetadata(_ body: [UInt8], _ range: Range<Int>) throws -> [MetricMetadata] {
        let directory = try BlockDirectory(decoding: Array(body[range]))
        return try directory.metadata(
            in: directory.metadataPagesNeeded.map { Array(body[$0.range]) }
        )
    }

    @Test func `exemplars are found by series and time`() throws {
        let block = try Self.build()
        let all = try Self.read(block.body, block.directory)
        let expected = Self.series.filter { !$0.exemplars.isEmpty }
        #expect(
            all.found
                == Dictionary(uniqueKeysWithValues: expected.map { ($0.labels, $0.exemplars) })
        )
        let one = [LabelMatcher(name: "pod", equals: "b")]
        #expect(
            try Self.read(block.body, block.directory, one).found
                == [Self.series[2].labels: Self.series[2].exemplars]
        )
        let range = TimeRange(start: Self.start + 3, end: Self.start + 7)
        #expect(
            try Self.read(block.body, block.directory, [], range).found
                == [Self.series[1].labels: Array(Self.series[1].exemplars[1...])]
        )
        let later = TimeRange(start: Self.start + 14_001, end: .max)
        let none = try Self.read(block.body, block.directory, [], later)
        #expect(none.found.isEmpty)
        // The index alone.
        #expect(none.pages == 1)
    }

    @Test func `samples are read as without exemplars`() throws {
        let block = try Self.build()
        let plain = try Self.build(
            Self.series.map { Series(labels: $0.labels, exemplars: []) },
            metadata: []
        )
        expectSame(try block.run([]).series, try plain.run([]).series)
        #expect(try plain.openDirectory().hasExemplars == false)
        #expect(block.body[4] == BlockLayout.floatsVersion)
        #expect(try Self.read(plain.body, plain.directory).pages == 0)
    }

    @Test func `metadata is kept of families whose series are there`() throws {
        let block = try Self.build()
        #expect(
            try Self.readMetadata(block.body, block.directory) == [
                Self.metadata[0], Self.metadata[2],
            ]
        )
        let plain = try Self.build(metadata: [])
        #expect(try Self.readMetadata(plain.body, plain.directory).isEmpty)
    }

    @Test func `of many pages only those with the rows and times are read`() throws {
        let series = (0..<300).map { number in
            Series(
                labels: ["__name__": "m", "pod": "\(1000 + number)"],
                exemplars: (0..<40).map {
                    Self.exemplar(Int64($0) * 10, 1, "trace-\(number)-\($0)")
                }
            )
        }
        let block = try Self.build(series, metadata: [])
        let directory = try block.openDirectory()
        try #require(directory.exemplarPages.count > 6)
        let all = try Self.read(block.body, block.directory)
        #expect(all.found.count == 300)
        #expect(all.found[series[177].labels] == series[177].exemplars)
        let one = try Self.read(
            block.body,
            block.directory,
            [LabelMatcher(name: "pod", equals: "1177")]
        )
        #expect(one.found == [series[177].labels: series[177].exemplars])
        #expect(one.pages <= 3)
    }

    @Test func `a series with more exemplars than a page holds goes on in the next`() throws {
        let many = (0..<9000).map { Self.exemplar(Int64($0), 1, "trace-number-\($0)") }
        let series = [
            Series(labels: ["__name__": "a"], exemplars: [Self.exemplar(1, 2, "x")]),
            Series(labels: ["__name__": "b"], exemplars: many),
            Series(labels: ["__name__": "c"], exemplars: [Self.exemplar(1, 2, "y")]),
        ]
        let block = try Self.build(series, metadata: [])
        let all = try Self.read(block.body, block.directory)
        #expect(
            all.found == Dictionary(uniqueKeysWithValues: series.map { ($0.labels, $0.exemplars) })
        )
        let range = TimeRange(start: Self.start + 4000, end: Self.start + 4001)
        let some = try Self.read(block.body, block.directory, [], range)
        #expect(some.found == [series[1].labels: [many[4000]]])
        #expect(some.pages <= 3)
    }

    @Test func `every flipped byte is noticed`() throws {
        let block = try Self.build()
        for index in block.body.indices {
            var body = block.body
            body[index] ^= 0x21
            #expect(throws: BlockFormatError.self, "byte \(index)") {
                _ = try BlockQuery(
                    directory: BlockDirectory(decoding: Array(body[block.directory])),
                    matchers: [],
                    seed: TenantSeed(.anonymous)
                ).readAll(body)
                _ = try Self.read(body, block.directory)
                _ = try Self.readMetadata(body, block.directory)
                let directory = try BlockDirectory(decoding: Array(body[block.directory]))
                _ = try directory.digests(in: directory.digestRanges.map { Array(body[$0]) })
            }
        }
    }

    @Test(arguments: [BlockSection.exemplars, .metadata])
    func `pages with right checksums and wrong content give an error or what can be stored`(
        section: BlockSection
    ) throws {
        let block = try Self.build()
        let directory = try block.openDirectory()
        let pages = section == .exemplars ? directory.exemplarPages : directory.metadataPages
        var generator = SeededGenerator(seed: 5)
        for page in pages {
            let content = try page.open(
                Array(block.body[page.range]),
                with: try PageDecompressor(for: page.location)
            )
            for round in 0..<2000 {
                var changed = content
                let offset = round % content.count
                changed[offset] =
                    round < content.count
                    ? changed[offset] ^ 0xff : .random(in: 0...255, using: &generator)
                if round % 7 == 0 { changed.removeLast(changed.count / 3) }
                guard !changed.isEmpty else { continue }
                let forged = BlockPage(
                    section: section,
                    index: page.index,
                    range: 0..<changed.count,
                    size: changed.count,
                    checksum: PageChecksum.of(changed),
                    items: page.items
                )
                let open = try? NeededPage(page: forged).open(changed, directory: directory)
                switch open?.content {
                case .exemplars(let page):
                    #expect(page.exemplars.allSatisfy { $0.isStorable })
                    #expect(page.rows.allSatisfy { $0.number < directory.seriesCount })
                case .metadata(let entries): #expect(entries.allSatisfy { $0.isStorable })
                case .exemplarIndex(let places): #expect(places.count == pages.count - 1)
                default: continue
                }
            }
        }
    }

    @Test func `metadata of several blocks is merged, the newest wins`() {
        let old = [
            MetricMetadata(name: "a", kind: .gauge, help: "old"),
            MetricMetadata(name: "b", kind: .gauge),
        ]
        let new = [
            MetricMetadata(name: "a", kind: .counter, help: "new"),
            MetricMetadata(name: "c", kind: .gauge),
        ]
        #expect(MetricMetadata.merge([old, new]) == [new[0], old[1], new[1]])
        #expect(MetricMetadata.merge([[MetricMetadata]]()) == [])
    }

    // MARK: Golden file

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden/block-v1-exemplars.bin")

    @Test func `the golden block still reads as its exemplars and metadata`() throws {
        let body = Array(try Data(contentsOf: Self.golden))
        let block = try GoldenBlockTests.goldenBlock("block-v1-exemplars.bin")
        let expected = Self.series.filter { !$0.exemplars.isEmpty }
        #expect(
            try Self.read(body, block.directory).found
                == Dictionary(uniqueKeysWithValues: expected.map { ($0.labels, $0.exemplars) })
        )
        #expect(
            try Self.readMetadata(body, block.directory) == [Self.metadata[0], Self.metadata[2]]
        )
    }

    @Test func `the writer still writes the golden block's pages`() throws {
        let golden = try GoldenBlockTests.goldenBlock("block-v1-exemplars.bin")
        let written = try Self.build()
        let old = try golden.openDirectory()
        let new = try written.openDirectory()
        for pages in [\BlockDirectory.labelPages, \.exemplarPages, \.metadataPages] {
            #expect(
                try GoldenBlockTests.contents(new[keyPath: pages], in: written)
                    == GoldenBlockTests.contents(old[keyPath: pages], in: golden)
            )
        }
    }
}

extension BlockQuery {
    /// Decodes all series of a body.
    fileprivate func readAll(_ body: [UInt8]) throws -> Int {
        var query = self
        while !query.need.isEmpty { try query.supply(query.need.map { Array(body[$0]) }) }
        var count = 0
        for series in query.series {
            var columns = SampleColumns()
            try query.decode(series, into: &columns)
            count += columns.count
        }
        return count
    }
}
