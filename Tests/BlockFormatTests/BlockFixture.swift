import BlockFormat
import MetricsModel
import TestSupport
import Testing

/// Series to build blocks from, and the plain way to query them, as a model for the real one.
struct BlockFixture: Sendable {
    struct Series: Sendable {
        let labels: Labels
        let timestamps: [Int64]
        let values: [Double]
    }

    static let range = TimeRange(start: 1_700_000_000_000, end: 1_700_007_200_000)
    var series: [Series]
    var range = Self.range

    /// `metricCount` metrics of 1 … `seriesPerMetric` series that share most of their timestamps.
    static func random(
        seed: UInt64,
        metricCount: Int,
        seriesPerMetric: Int,
        sampleCount: Int
    ) -> BlockFixture {
        var generator = SeededGenerator(seed: seed)
        var series: [Series] = []
        for metric in 0..<metricCount {
            for index in 0..<Int.random(in: 1...seriesPerMetric, using: &generator) {
                var pairs = [("__name__", "metric_\(metric)"), ("instance", "host-\(index)")]
                if !index.isMultiple(of: 3) { pairs.append(("job", "job-\(index % 4)")) }
                if metric.isMultiple(of: 2) { pairs.append(("Zone", "zone-\(index % 2)")) }
                let count = Int.random(in: 1...sampleCount, using: &generator)
                let offset = Int64([0, 0, 0, 7][index % 4])
                series.append(
                    Series(
                        labels: Labels(pairs),
                        timestamps: (0..<count).map {
                            Self.range.start + offset + Int64($0) * 1000
                        },
                        values: Self.values(count: count, using: &generator)
                    )
                )
            }
        }
        return BlockFixture(series: series)
    }

    private static func values(count: Int, using generator: inout SeededGenerator) -> [Double] {
        let kind = Int.random(in: 0...3, using: &generator)
        var state = 0.0
        return (0..<count).map { index in
            switch kind {
            case 0: return 1
            case 1:
                state += Double(Int.random(in: 0...9, using: &generator))
                return index == count - 1 ? StaleMarker.value : state
            case 2: return Double(Int.random(in: 0...999, using: &generator)) / 100
            default: return Double.random(in: 0..<1, using: &generator)
            }
        }
    }

    static func fingerprint(_ labels: Labels) throws -> Fingerprint {
        Fingerprint(seed: TenantSeed(try TenantID("team-a")), labels: labels)
    }

    func build() throws -> EncodedBlock {
        var builder = BlockBuilder(range: range)
        for one in series {
            builder.add(
                labels: one.labels,
                fingerprint: try Self.fingerprint(one.labels),
                timestamps: one.timestamps,
                values: one.values
            )
        }
        return try builder.finish()
    }

    /// The series that pass, sorted by labels.
    func select(_ matchers: [LabelMatcher]) -> [Series] {
        series.filter { matchers.allMatch($0.labels) }.sorted { $0.labels < $1.labels }
    }
}

extension EncodedBlock {
    func openDirectory() throws -> BlockDirectory {
        try BlockDirectory(decoding: Array(body[directory]))
    }

    func read(_ ranges: [Range<Int>]) -> [[UInt8]] {
        ranges.map { Array(body[$0]) }
    }

    /// Runs a query to its end; also counts the bytes it fetched.
    func run(
        _ matchers: [LabelMatcher]
    ) throws -> (series: [BlockFixture.Series], fetched: Int) {
        var query = BlockQuery(
            directory: try openDirectory(),
            matchers: matchers,
            seed: TenantSeed(.anonymous)
        )
        var fetched = directory.count
        var rounds = 0
        while !query.need.isEmpty {
            fetched += query.need.reduce(0) { $0 + $1.count }
            try query.supply(read(query.need))
            rounds += 1
            try #require(rounds <= 2)
        }
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
        return (series.sorted { $0.labels < $1.labels }, fetched)
    }

    func ask(
        _ question: BlockLabelQuery.Question,
        _ matchers: [LabelMatcher]
    ) throws -> (answer: [String], fetched: Int) {
        var query = BlockLabelQuery(question, directory: try openDirectory(), matchers: matchers)
        let fetched = query.need.reduce(0) { $0 + $1.count }
        if !query.need.isEmpty { try query.supply(read(query.need)) }
        try #require(query.need.isEmpty)
        return (query.answer, fetched)
    }
}

/// Compares samples bit for bit.
func expectSame(
    _ found: [BlockFixture.Series],
    _ expected: [BlockFixture.Series],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.map(\.labels) == expected.map(\.labels), sourceLocation: sourceLocation)
    guard found.count == expected.count else { return }
    for (found, expected) in zip(found, expected) {
        #expect(found.timestamps == expected.timestamps, sourceLocation: sourceLocation)
        #expect(
            found.values.map(\.bitPattern) == expected.values.map(\.bitPattern),
            sourceLocation: sourceLocation
        )
    }
}
