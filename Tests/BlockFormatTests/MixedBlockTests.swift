import Foundation
import MetricsModel
import TestSupport
import Testing

@testable import BlockFormat

/// Blocks with histograms and start timestamps, which are of version 2.
@Suite struct MixedBlockTests {
    /// Series with samples of any kinds.
    struct Fixture: Sendable {
        var series: [(labels: Labels, samples: SampleColumns)]

        func build() throws -> EncodedBlock {
            var builder = BlockBuilder(range: BlockFixture.range)
            for one in series {
                builder.add(
                    labels: one.labels,
                    fingerprint: try BlockFixture.fingerprint(one.labels),
                    samples: one.samples
                )
            }
            return try builder.finish()
        }
    }

    static func histogram(_ index: Int) -> Histogram {
        if index % 11 == 10 { return .staleMarker }
        let count = Double(index)
        return Histogram(
            schema: 3,
            resetHint: index == 0 ? .reset : .notReset,
            zeroThreshold: 0.001,
            zeroCount: 1,
            count: 3 * count + 1,
            sum: count / 8,
            positive: .init(indexes: [-1, 0, 7], counts: [count, count, 0]),
            negative: .init(indexes: [2], counts: [count])
        )
    }

    private static func custom(_ index: Int) -> Histogram {
        Histogram(
            schema: Histogram.customSchema,
            resetHint: .gauge,
            count: 2,
            sum: .nan,
            positive: .init(indexes: [0, 1], counts: [1.5, Double(index)]),
            customBounds: index % 2 == 0 ? [1] : [1, 2]
        )
    }

    private static func times(_ count: Int, offset: Int64 = 0) -> [Int64] {
        (0..<count).map { BlockFixture.range.start + offset + Int64($0) * 1000 }
    }

    /// One series of each kind, and one with everything.
    static func fixture(count: Int) -> Fixture {
        let times = times(count)
        let values = times.indices.map { Double($0) }
        let histograms = HistogramColumns(
            timestamps: Self.times(count, offset: 500),
            values: times.indices.map(histogram),
            startTimestamps: times.indices.map { Int64($0 / 3) }
        )
        let customs = HistogramColumns(timestamps: times, values: times.indices.map(custom))
        let plain = SampleColumns(timestamps: times, values: values)
        var started = plain
        started.startTimestamps = times.map { $0 - 10 }
        var mixed = started
        mixed.histograms = histograms
        var floatsAndHistograms = plain
        floatsAndHistograms.histograms = histograms
        return Fixture(series: [
            (["__name__": "both", "x": "starts"], mixed),
            (["__name__": "both"], floatsAndHistograms),
            (["__name__": "custom"], SampleColumns(histograms: customs)),
            (["__name__": "histogram"], SampleColumns(histograms: histograms)),
            (["__name__": "plain"], plain), (["__name__": "started"], started),
        ])
    }

    static let small = fixture(count: 12)

    /// Runs a query to its end, series after series into the same columns.
    private static func read(
        _ block: EncodedBlock,
        _ matchers: [LabelMatcher] = []
    ) throws -> [(labels: Labels, samples: SampleColumns)] {
        var query = BlockQuery(
            directory: try block.openDirectory(),
            matchers: matchers,
            seed: TenantSeed(.anonymous)
        )
        while !query.need.isEmpty { try query.supply(block.read(query.need)) }
        var columns = SampleColumns()
        return try query.series.map { series in
            columns.removeAll()
            try query.decode(series, into: &columns)
            #expect(series.sampleCount == columns.count)
            return (series.labels, columns)
        }
    }

    private static func expectSame(
        _ found: [(labels: Labels, samples: SampleColumns)],
        _ expected: [(labels: Labels, samples: SampleColumns)]
    ) {
        #expect(found.map(\.labels) == expected.map(\.labels))
        for (found, expected) in zip(found, expected) {
            #expect(found.samples.isSame(as: expected.samples), "\(found.labels)")
        }
    }

    @Test(arguments: [1, 2, 12, 300, 4100])
    func `every sample of every kind comes back`(count: Int) throws {
        let fixture = Self.fixture(count: count)
        let block = try fixture.build()
        #expect(block.body[4] == 2)
        Self.expectSame(try Self.read(block), fixture.series.sorted { $0.labels < $1.labels })
        for one in fixture.series {
            let matchers = one.labels.pairs.map { LabelMatcher(name: $0.name, equals: $0.value) }
            let found = try Self.read(block, matchers).filter { $0.labels == one.labels }
            Self.expectSame(found, [one])
        }
        #expect(block.sampleCount == fixture.series.reduce(0) { $0 + $1.samples.count })
    }

    @Test func `a block of plain floats stays version 1`() throws {
        let fixture = Fixture(series: Self.small.series.filter { $0.labels.name == "plain" })
        let block = try fixture.build()
        #expect(block.body[4] == 1)
        Self.expectSame(try Self.read(block), fixture.series)
    }

    @Test func `decoding appends to what is there`() throws {
        let block = try Self.small.build()
        var query = BlockQuery(
            directory: try block.openDirectory(),
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        while !query.need.isEmpty { try query.supply(block.read(query.need)) }
        var columns = SampleColumns()
        for series in query.series { try query.decode(series, into: &columns) }
        #expect(columns.timestamps.count == 4 * 12)
        #expect(columns.startTimestamps.count == 4 * 12)
        #expect(columns.startTimestamps.filter { $0 == 0 }.count == 2 * 12)
        #expect(columns.histograms.values.count == 4 * 12)
        #expect(columns.histograms.startTimestamps.count == 4 * 12)
    }

    @Test func `large histograms are cut into chunks that fit a page`() throws {
        let size = Histogram.maximumElementCount
        let times = Self.times(9)
        var generator = SeededGenerator(seed: 5)
        let large = times.map { _ in
            Histogram(
                positive: .init(
                    indexes: (0..<Int32(size)).map { $0 * 3 },
                    counts: (0..<size).map { _ in .random(in: 0..<1, using: &generator) }
                )
            )
        }
        let samples = SampleColumns(histograms: HistogramColumns(timestamps: times, values: large))
        let fixture = Fixture(series: [(["__name__": "large"], samples)])
        Self.expectSame(try Self.read(try fixture.build()), fixture.series)
    }

    @Test func `a digest sees every bit of every kind`() throws {
        let all = Self.small.series[0].samples
        let changes: [(inout SampleColumns) -> Void] = [
            { $0.values[3] += 1 }, { $0.timestamps[3] += 1 }, { $0.startTimestamps[3] += 1 },
            { $0.startTimestamps = [] }, { $0.histograms.timestamps[3] += 1 },
            { $0.histograms.startTimestamps[3] += 1 }, { $0.histograms.startTimestamps = [] },
            { $0.histograms.values[3].resetHint = .gauge }, { $0.histograms.values[3].schema = 2 },
            { $0.histograms.values[3].zeroThreshold = 0 }, { $0.histograms.values[3].sum = -0.0 },
            { $0.histograms.values[3].zeroCount = 0 }, { $0.histograms.values[3].count = 0 },
            { $0.histograms.values[3].positive.indexes[0] = -2 },
            { $0.histograms.values[3].negative.counts[0] = 9 },
            { $0.histograms.values[3].customBounds = [1] }, { $0.histograms = .init() },
        ]
        var seen: Set<UInt64> = [SeriesDigest.checksum(of: all)]
        for change in changes {
            var changed = all
            change(&changed)
            seen.insert(SeriesDigest.checksum(of: changed))
        }
        #expect(seen.count == changes.count + 1)
        let plain = SampleColumns(timestamps: all.timestamps, values: all.values)
        let floats = SeriesDigest.checksum(
            timestamps: plain.timestamps.span,
            values: plain.values.span
        )
        #expect(SeriesDigest.checksum(of: plain) == floats)
    }

    @Test func `a golden block of version 2 still reads as its series`() throws {
        let block = try GoldenBlockTests.goldenBlock("block-v2.bin")
        Self.expectSame(
            try Self.read(block),
            Self.small.series.sorted { $0.labels < $1.labels }
        )
        let directory = try block.openDirectory()
        let digests = try directory.digests(in: block.read(directory.digestRanges))
        let expected = try Self.small.series.sorted { $0.labels < $1.labels }.map {
            SeriesDigest(fingerprint: try BlockFixture.fingerprint($0.labels), samples: $0.samples)
        }
        #expect(Set(digests) == Set(expected))
    }

    @Test func `the writer still writes the pages of the golden block of version 2`() throws {
        let golden = try GoldenBlockTests.goldenBlock("block-v2.bin")
        let written = try Self.small.build()
        let (old, new) = (try golden.openDirectory(), try written.openDirectory())
        for pages in [
            \BlockDirectory.labelPages, \.timestampPages, \.valuePages, \.digestPages,
            \.histogramPages, \.startPages,
        ] {
            let expected = try GoldenBlockTests.contents(old[keyPath: pages], in: golden)
            #expect(!expected.isEmpty)
            #expect(try GoldenBlockTests.contents(new[keyPath: pages], in: written) == expected)
        }
    }
}

extension SampleColumns {
    /// Compares all samples bit for bit, hints included; an empty start column is one of zeros.
    func isSame(as other: SampleColumns) -> Bool {
        timestamps == other.timestamps
            && values.map(\.bitPattern) == other.values.map(\.bitPattern)
            && Self.filled(startTimestamps, timestamps.count)
                == Self.filled(other.startTimestamps, timestamps.count)
            && histograms.timestamps == other.histograms.timestamps
            && histograms.values.count == other.histograms.values.count
            && zip(histograms.values, other.histograms.values).allSatisfy {
                $0.isIdentical(to: $1) && $0.resetHint == $1.resetHint
            }
            && Self.filled(histograms.startTimestamps, histograms.timestamps.count)
                == Self.filled(other.histograms.startTimestamps, histograms.timestamps.count)
    }

    private static func filled(_ starts: [Int64], _ count: Int) -> [Int64] {
        starts.isEmpty ? Array(repeating: 0, count: count) : starts
    }
}
