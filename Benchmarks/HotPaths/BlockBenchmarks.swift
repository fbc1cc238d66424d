import Benchmark
import BlockFormat
import Measuring
import MetricsModel

/// Blocks: what a flush builds and what a querier reads.
enum BlockBenchmarks {
    static func register() {
        build()
        query()
        select()
    }

    /// Builds a block of 2000 series with 500 samples each.
    ///
    /// Expected: 12 ns a sample: 8.2 for coding and compression, the rest for digests and
    /// checksums.
    private static func build() {
        measure("Block: build, per 1000 samples") {
            (_, source: BlockSource) in
            blackHole(try source.build())
        } setup: {
            BlockSource(seriesCount: 2000, samplesPerSeries: 500)
        }
    }

    /// Reads all samples of a block of 2000 series with 500 samples each, from bytes in memory.
    ///
    /// Expected: 4 ns a sample: 2.9 for decompression and decoding, the rest for checksums and
    /// labels.
    private static func query() {
        measure("Block: query, per 1000 samples") {
            (benchmark, fixture: BlockFixture) in
            let count = try fixture.query([
                LabelMatcher(name: "cluster", equals: "eu-west-1")
            ])
            if count != 1_000_000 { benchmark.error("read \(count) samples") }
        } setup: {
            try BlockFixture(BlockSource(seriesCount: 2000, samplesPerSeries: 500))
        }
    }

    /// Finds the 1000 series of one metric in a block of 100,000, by its name and a regular
    /// expression.
    ///
    /// Expected: 1 µs a series, most of it for the labels of those found.
    private static func select() {
        measure("Block: select, per series") {
            (benchmark, fixture: BlockFixture) in
            let count = try fixture.select([
                LabelMatcher(name: Labels.metricName, equals: SyntheticSeries.metricName(7)),
                LabelMatcher(name: "job", operation: .matches, value: "payments-[0-9]+"),
            ])
            if count != 1000 { benchmark.error("found \(count) series") }
        } setup: {
            try BlockFixture(BlockSource(seriesCount: 100_000, samplesPerSeries: 4))
        }
    }
}

/// Series to build a block of.
private struct BlockSource {
    private let timestamps: [Int64]
    private let series: [(labels: Labels, fingerprint: Fingerprint, values: [Double])]

    init(seriesCount: Int, samplesPerSeries: Int) {
        var generator = SeededGenerator(seed: 5)
        let seed = TenantSeed(.anonymous)
        timestamps = Workload.timestamps(count: samplesPerSeries)
        series = (0..<seriesCount).map { index in
            let labels = SyntheticSeries.labels(index)
            let values = SyntheticValues.values(
                ofSeries: index,
                count: samplesPerSeries,
                using: &generator
            )
            return (labels, Fingerprint(seed: seed, labels: labels), values)
        }
    }

    func build() throws -> EncodedBlock {
        let end = Workload.start + Int64(timestamps.count) * Workload.interval
        var builder = BlockBuilder(range: TimeRange(start: Workload.start, end: end))
        for (labels, fingerprint, values) in series {
            builder.add(
                labels: labels,
                fingerprint: fingerprint,
                timestamps: timestamps,
                values: values
            )
        }
        return try builder.finish()
    }
}

/// A block whose directory is in memory, as a querier's usually is.
private struct BlockFixture {
    private let body: [UInt8]
    private let directory: BlockDirectory

    init(_ source: BlockSource) throws {
        let block = try source.build()
        body = block.body
        directory = try BlockDirectory(decoding: Array(block.body[block.directory]))
    }

    /// Returns how many series were found.
    func select(_ matchers: [LabelMatcher]) throws -> Int {
        var selection = BlockSelection(
            directory: directory,
            matchers: matchers,
            seed: TenantSeed(.anonymous)
        )
        try selection.supply(fetch(selection.need))
        blackHole(selection.series)
        return selection.series.count
    }

    /// Returns how many samples were read.
    func query(_ matchers: [LabelMatcher]) throws -> Int {
        var query = BlockQuery(
            directory: directory,
            matchers: matchers,
            seed: TenantSeed(.anonymous)
        )
        while !query.need.isEmpty { try query.supply(fetch(query.need)) }
        var timestamps: [Int64] = []
        var values: [Double] = []
        var count = 0
        for series in query.series {
            timestamps.removeAll(keepingCapacity: true)
            values.removeAll(keepingCapacity: true)
            try query.decode(series, into: &timestamps, &values)
            count += values.count
            blackHole(values)
        }
        return count
    }

    private func fetch(_ ranges: [Range<Int>]) -> [[UInt8]] { ranges.map { Array(body[$0]) } }
}
