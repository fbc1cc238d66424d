import BlockFormat
import MetricsModel
import TestSupport
import Testing

@Suite struct BlockQueryTests {
    private static func matchers() throws -> [[LabelMatcher]] {
        [
            [],
            [LabelMatcher(name: "__name__", equals: "metric_3")],
            [LabelMatcher(name: "__name__", equals: "absent")],
            [LabelMatcher(name: "__name__", equals: "")],
            [try LabelMatcher(name: "__name__", operation: .matches, value: "metric_(1|2)")],
            [try LabelMatcher(name: "__name__", operation: .matches, value: "metric_1.*")],
            [try LabelMatcher(name: "__name__", operation: .matches, value: "metric_1.*|metric_")],
            [try LabelMatcher(name: "__name__", operation: .matches, value: "metric.*|m")],
            [try LabelMatcher(name: "__name__", operation: .matches, value: "n.*")],
            [try LabelMatcher(name: "__name__", operation: .notMatches, value: "metric_1.*")],
            [try LabelMatcher(name: "__name__", operation: .notEqual, value: "metric_0")],
            [LabelMatcher(name: "job", equals: "job-1")],
            [LabelMatcher(name: "job", equals: "")],
            [try LabelMatcher(name: "job", operation: .notEqual, value: "")],
            [try LabelMatcher(name: "job", operation: .matches, value: "|job-2")],
            [try LabelMatcher(name: "job", operation: .notMatches, value: "job-[12]")],
            [LabelMatcher(name: "unknown", equals: "")],
            [LabelMatcher(name: "unknown", equals: "x")],
            [try LabelMatcher(name: "unknown", operation: .notEqual, value: "x")],
            [
                LabelMatcher(name: "__name__", equals: "metric_2"),
                LabelMatcher(name: "Zone", equals: "zone-1"),
                try LabelMatcher(name: "instance", operation: .matches, value: "host-[0-5]"),
            ],
        ]
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a query finds what filtering all series finds`(seed: UInt64) throws {
        let fixture = BlockFixture.random(
            seed: seed,
            metricCount: 14,
            seriesPerMetric: 9,
            sampleCount: 40
        )
        let block = try fixture.build()
        for matchers in try Self.matchers() {
            expectSame(try block.run(matchers).series, fixture.select(matchers))
        }
    }

    @Test func `label names and values are those of the matching series`() throws {
        let fixture = BlockFixture.random(
            seed: 4,
            metricCount: 14,
            seriesPerMetric: 9,
            sampleCount: 5
        )
        let block = try fixture.build()
        for matchers in try Self.matchers() {
            let pairs = fixture.select(matchers).flatMap(\.labels.pairs)
            #expect(try block.ask(.labelNames, matchers).answer == Set(pairs.map(\.name)).sorted())
            for name in ["__name__", "instance", "job", "Zone", "unknown"] {
                let values = Set(pairs.filter { $0.name == name }.map(\.value)).sorted()
                #expect(try block.ask(.labelValues(name), matchers).answer == values)
            }
        }
    }

    @Test func `names and metric names are answered by the directory alone`() throws {
        let block = try BlockFixture.random(
            seed: 5,
            metricCount: 5,
            seriesPerMetric: 5,
            sampleCount: 2
        ).build()
        #expect(try block.ask(.labelNames, []).fetched == 0)
        #expect(try block.ask(.labelValues("__name__"), []).fetched == 0)
        let one = LabelMatcher(name: "__name__", equals: "metric_1")
        #expect(try block.ask(.labelNames, [one]).fetched == 0)
        #expect(try block.ask(.labelValues("job"), []).fetched > 0)
    }

    @Test func `a selective query fetches a small share of the block`() throws {
        var generator = SeededGenerator(seed: 6)
        var fixture = BlockFixture(series: [])
        let timestamps = (0..<240).map { BlockFixture.range.start + Int64($0) * 30_000 }
        for metric in 0..<40 {
            for index in 0..<20 {
                fixture.series.append(
                    BlockFixture.Series(
                        labels: [
                            "__name__": "metric_\(metric)", "instance": "host-\(index)",
                            "path": "/p/\(Int.random(in: 0..<1_000_000, using: &generator))",
                        ],
                        timestamps: timestamps,
                        values: timestamps.map { _ in Double.random(in: 0..<1, using: &generator) }
                    )
                )
            }
        }
        let block = try fixture.build()
        let matchers = [
            LabelMatcher(name: "__name__", equals: "metric_17"),
            LabelMatcher(name: "instance", equals: "host-3"),
        ]
        let (series, fetched) = try block.run(matchers)
        #expect(series.count == 1)
        #expect(fetched * 8 < block.body.count, "\(fetched) of \(block.body.count)")
    }

    @Test func `samples of a part of the series can be read by themselves`() throws {
        let fixture = BlockFixture.random(
            seed: 7,
            metricCount: 6,
            seriesPerMetric: 6,
            sampleCount: 30
        )
        let block = try fixture.build()
        let directory = try block.openDirectory()
        var selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        try selection.supply(block.read(selection.need))
        let expected = fixture.select([])
        let found = selection.series.sorted { $0.labels < $1.labels }
        for (index, one) in found.enumerated() {
            var samples = try BlockSamples(directory: directory, series: [one])
            try samples.supply(block.read(samples.need))
            var timestamps: [Int64] = []
            var values: [Double] = []
            try samples.decode(one, into: &timestamps, &values)
            #expect(timestamps == expected[index].timestamps)
            #expect(values.map(\.bitPattern) == expected[index].values.map(\.bitPattern))
        }
    }

    @Test func `decoding before the pages are there is an error, not a trap`() throws {
        let block = try BlockFixture.random(
            seed: 8,
            metricCount: 1,
            seriesPerMetric: 1,
            sampleCount: 3
        ).build()
        let directory = try block.openDirectory()
        var selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        try selection.supply(block.read(selection.need))
        let one = try #require(selection.series.first)
        let samples = try BlockSamples(directory: directory, series: selection.series)
        var timestamps: [Int64] = []
        var values: [Double] = []
        #expect(throws: BlockFormatError.missingColumn(.timestamps, column: 0)) {
            try samples.decode(one, into: &timestamps, &values)
        }
    }
}
