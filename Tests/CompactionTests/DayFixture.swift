import BlockFormat
import ClusterInterface
import MetricsModel
import TestSupport

/// Series of one day, and blocks that hold them as ingesters flush them.
struct DayFixture {
    static let day: Int64 = 1_700_006_400_000
    static let hour: Int64 = 3_600_000

    var tenant = TenantID.anonymous
    /// What all blocks together hold; first wins.
    var expected: [Labels: SampleColumns] = [:]
    var blocks: [NewBlock] = []

    /// Twelve windows of two hours, flushed by two ingesters with some series in common, and a late block.
    static func replicated(seriesCount: Int = 30, seed: UInt64 = 1) throws -> DayFixture {
        var fixture = DayFixture()
        var random = SeededGenerator(seed: seed)
        for window in 0..<12 as Range<Int64> {
            let start = day + window * 2 * hour
            for ingester in 0..<2 {
                let series = (0..<seriesCount).filter { $0 % 3 != ingester }
                try fixture.add(
                    from: start,
                    series.map { number in
                        (labels(number), samples(number, from: start, count: 40 + number % 2))
                    }
                )
            }
        }
        // Between the others' timestamps, in windows that were flushed before.
        try fixture.add(
            from: day,
            (0..<seriesCount).filter { $0.isMultiple(of: 5) }.map { number in
                let offset = Int64.random(in: 1...29_000, using: &random)
                return (labels(number), samples(number, from: day + offset, count: 30))
            }
        )
        return fixture
    }

    static func labels(_ number: Int) -> Labels {
        var pairs = [("__name__", "metric_\(number % 7)"), ("instance", "host-\(number)")]
        if number.isMultiple(of: 2) { pairs.append(("Zone", "z")) }
        return Labels(pairs)
    }

    /// Floats; some with start timestamps, and some series of histograms.
    static func samples(_ number: Int, from start: Int64, count: Int) -> SampleColumns {
        let times = (0..<count).map { start + Int64($0) * 30_000 }
        if number % 10 == 9 {
            return SampleColumns(
                histograms: HistogramColumns(
                    timestamps: times,
                    values: times.indices.map { index in
                        Histogram(
                            schema: 1,
                            count: Double(index),
                            sum: Double(number),
                            positive: .init(indexes: [0, 1], counts: [Double(index), 0])
                        )
                    }
                )
            )
        }
        return SampleColumns(
            timestamps: times,
            values: times.map { Double($0 % 1_000_000) * Double(number + 1) / 100 },
            startTimestamps: number % 10 == 8 ? times.map { $0 - 500 } : []
        )
    }

    mutating func add(from start: Int64, _ series: [(Labels, SampleColumns)]) throws {
        let window = (start - Self.day) / (2 * Self.hour) * (2 * Self.hour) + Self.day
        var builder = BlockBuilder(
            range: TimeRange(start: window, end: window + 2 * Self.hour)
        )
        for (labels, samples) in series {
            builder.add(
                labels: labels,
                fingerprint: Fingerprint(seed: TenantSeed(tenant), labels: labels),
                samples: samples
            )
        }
        blocks.append(NewBlock(try builder.finish(), of: tenant, level: 0))
        blocks.sort {
            ($0.record.range.start, $0.record.id) < ($1.record.range.start, $1.record.id)
        }
        for (labels, samples) in series {
            var memory = SampleColumns()
            var merge = SampleMerge(emptying: &memory)
            let known = expected[labels] ?? SampleColumns()
            merge.add { $0 = known }
            merge.add { columns in
                for index in samples.timestamps.indices {
                    columns.append(
                        timestamp: samples.timestamps[index],
                        value: samples.values[index],
                        start: samples.startTimestamps.isEmpty ? 0 : samples.startTimestamps[index]
                    )
                }
                columns.fillStarts()
                for index in samples.histograms.timestamps.indices {
                    columns.histograms.append(
                        timestamp: samples.histograms.timestamps[index],
                        value: samples.histograms.values[index]
                    )
                }
            }
            expected[labels] = merge.columns
        }
    }
}

/// What blocks hold, read through ``BlockScan``.
enum BlockContent {
    static func read(_ block: EncodedBlock, of tenant: TenantID) throws -> [Labels: SampleColumns] {
        try read(block.body, directory: block.directory, of: tenant)
    }

    static func read(
        _ body: [UInt8],
        directory: Range<Int>,
        of tenant: TenantID
    ) throws -> [Labels: SampleColumns] {
        var scan = BlockScan(
            directory: try BlockDirectory(decoding: Array(body[directory])),
            seed: TenantSeed(tenant)
        )
        var found: [Labels: SampleColumns] = [:]
        while !scan.isAtEnd {
            let pages = scan.neededPages
            if !pages.isEmpty { try scan.supply(pages.map { Array(body[$0.range]) }) }
            guard let series = scan.current else { continue }
            var samples = SampleColumns()
            try scan.decode(into: &samples)
            found[series.labels] = samples
            try scan.advance()
        }
        return found
    }

    static func areSame(_ left: SampleColumns?, _ right: SampleColumns?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.timestamps == right.timestamps
            && left.values.map(\.bitPattern) == right.values.map(\.bitPattern)
            && left.startTimestamps == right.startTimestamps && left.histograms == right.histograms
    }
}
