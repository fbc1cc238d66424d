import BlockFormat
import MetricsModel
import TestSupport
import Testing

@Suite struct BlockBuilderTests {
    @Test func `an empty block can be built and read`() throws {
        let block = try BlockBuilder(range: BlockFixture.range).finish()
        #expect(block.directory == 0..<block.body.count)
        #expect(try block.run([]).series.isEmpty)
        #expect(try block.openDirectory().range == BlockFixture.range)
    }

    @Test func `counts, times and metrics are those of the series`() throws {
        let fixture = BlockFixture.random(
            seed: 11,
            metricCount: 7,
            seriesPerMetric: 5,
            sampleCount: 20
        )
        let block = try fixture.build()
        let directory = try block.openDirectory()
        let times = fixture.series.flatMap(\.timestamps)
        #expect(block.seriesCount == fixture.series.count)
        #expect(block.sampleCount == times.count)
        #expect(block.minTime == times.min())
        #expect(block.maxTime == times.max())
        #expect(directory.metrics == block.metrics)
        for metric in block.metrics {
            let own = fixture.series.filter { $0.labels.name == metric.name }
            #expect(metric.seriesCount == own.count)
            #expect(metric.sampleCount == own.reduce(0) { $0 + $1.timestamps.count })
            for use in metric.labels {
                let values = Set(
                    own.compactMap { $0.labels.value(of: directory.labelNames[use.name]) }
                )
                #expect(use.cardinality == values.count)
            }
        }
    }

    @Test func `the order of adding does not change a byte`() throws {
        var fixture = BlockFixture.random(
            seed: 12,
            metricCount: 6,
            seriesPerMetric: 6,
            sampleCount: 20
        )
        let block = try fixture.build()
        var generator = SeededGenerator(seed: 13)
        fixture.series.shuffle(using: &generator)
        #expect(try fixture.build().body == block.body)
    }

    @Test func `a series added twice is refused`() throws {
        var fixture = BlockFixture.random(
            seed: 14,
            metricCount: 2,
            seriesPerMetric: 2,
            sampleCount: 2
        )
        let twice = try #require(fixture.series.first)
        fixture.series.append(twice)
        #expect(throws: BlockBuildError.duplicateSeries(key: twice.labels.key)) {
            try fixture.build()
        }
    }

    @Test func `digests tell samples apart whatever their encoding`() throws {
        let fixture = BlockFixture.random(
            seed: 15,
            metricCount: 3,
            seriesPerMetric: 4,
            sampleCount: 9
        )
        let block = try fixture.build()
        let directory = try block.openDirectory()
        let digests = try directory.digests(in: block.read(directory.digestRanges))
        var selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        try selection.supply(block.read(selection.need))
        #expect(digests.count == fixture.series.count)
        for (found, expected) in zip(
            selection.series.sorted(by: { $0.labels < $1.labels }),
            fixture.select([])
        ) {
            let fingerprint = try BlockFixture.fingerprint(found.labels)
            let digest = SeriesDigest(
                fingerprint: fingerprint,
                timestamps: expected.timestamps.span,
                values: expected.values.span
            )
            #expect(digests[found.row] == digest)
            let changed = expected.values.map { $0 + 1 }
            let other = SeriesDigest(
                fingerprint: fingerprint,
                timestamps: expected.timestamps.span,
                values: changed.span
            )
            #expect(digests[found.row] != other)
        }
    }

    /// Size of a block of series, one for each list of timestamps.
    private static func size(_ timestamps: [[Int64]]) throws -> Int {
        let fixture = BlockFixture(
            series: timestamps.enumerated().map { index, times in
                BlockFixture.Series(
                    labels: ["__name__": "up", "instance": "\(index)"],
                    timestamps: times,
                    values: times.map { _ in 1 }
                )
            }
        )
        return try fixture.build().body.count
    }

    @Test func `timestamps that series share are stored once`() throws {
        var generator = SeededGenerator(seed: 16)
        let lists = (0..<2).map { _ in
            (0..<200).map {
                BlockFixture.range.start + $0 * 1000 + Int64.random(in: 0..<900, using: &generator)
            }
        }
        let one = try Self.size([lists[0]])
        let two = try Self.size([lists[0], lists[1]])
        let twelve = try Self.size([lists[0], lists[1]] + Array(repeating: lists[0], count: 10))
        #expect(two - one > 200)
        // A digest of 25 bytes for each series is all that cannot be shared.
        #expect(twelve - two < 10 * 40)
    }

    @Test func `long series are cut into columns and come back whole`() throws {
        let count = BlockLayout.samplesPerColumn * 3 + 5
        let series = [0, 1].map { index in
            BlockFixture.Series(
                labels: ["__name__": "long", "n": "\(index)"],
                timestamps: (0..<count).map { BlockFixture.range.start + Int64($0 * 2 + index) },
                values: (0..<count).map { Double($0 % 1000) * 0.125 }
            )
        }
        let fixture = BlockFixture(series: series)
        let block = try fixture.build()
        expectSame(try block.run([]).series, fixture.select([]))
        expectSame(
            try block.run([LabelMatcher(name: "n", equals: "1")]).series,
            [series[1]]
        )
    }

    @Test func `labels of any bytes come back`() throws {
        var fixture = BlockFixture(series: [])
        let odd: [[(String, String)]] = [
            [], [("a", "x")], [("__name__", "m"), ("A", "upper"), ("z", "é")],
            [("__name__", "m"), ("A", "upper"), ("z", "e\u{301}")],
            [("__name__", "m"), ("z", String(repeating: "v", count: 3000))],
            [("__name__", "caf\u{e9}")], [("__name__", "cafe\u{301}")],
        ]
        for pairs in odd {
            fixture.series.append(
                BlockFixture.Series(
                    labels: Labels(pairs),
                    timestamps: [BlockFixture.range.start],
                    values: [1]
                )
            )
        }
        expectSame(try fixture.build().run([]).series, fixture.select([]))
    }

    @Test func `a metric of many series spans tables and pages`() throws {
        let fixture = BlockFixture(
            series: (0..<5000).map { index in
                BlockFixture.Series(
                    labels: ["__name__": "wide", "id": "identifier-\(index * 7919 % 5000)"],
                    timestamps: [BlockFixture.range.start + Int64(index % 3)],
                    values: [Double(index)]
                )
            }
        )
        let block = try fixture.build()
        let one = [LabelMatcher(name: "id", equals: "identifier-4242")]
        expectSame(try block.run(one).series, fixture.select(one))
        #expect(try block.run([]).series.count == 5000)
    }
}
