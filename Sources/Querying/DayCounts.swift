public import ClusterInterface
public import MetricsModel

/// How many series and samples one UTC day has, as far as the catalog tells without reading a block.
///
/// A series in several blocks of a day is in all their counts: the sum is then only an upper bound, and the largest
/// block a lower one. With one block a day, as compaction leaves it, both are the count.
public struct DayCounts: Sendable, Equatable {
    /// Bounds of a number of series; equal where it is known.
    public struct Bounds: Sendable, Equatable {
        public var atLeast = 0
        public var atMost = 0

        public var isExact: Bool { atLeast == atMost }

        /// Counts a block that has so many of the series.
        ///
        /// - Parameter isInside: Whether the day has all of the block; else it may have none of its series.
        fileprivate mutating func add(_ count: Int, isInside: Bool) {
            atMost += count
            if isInside { atLeast = max(atLeast, count) }
        }

        /// Adds series of another tenant, which are never the same.
        fileprivate mutating func add(_ other: Bounds) {
            atLeast += other.atLeast
            atMost += other.atMost
        }
    }

    /// Counts of one metric.
    public struct Metric: Sendable, Equatable {
        public var name: String
        public var series = Bounds()
        /// Samples of all blocks; copies in overlapping blocks count each.
        public var samplesAtMost = 0
    }

    /// Milliseconds of a day.
    public static let duration: Int64 = 86_400_000

    /// When the day begins, in milliseconds since 1970.
    public let start: Int64
    public private(set) var series = Bounds()
    public private(set) var samplesAtMost = 0
    private var metrics: [[UInt8]: Metric] = [:]

    /// - Parameter start: Midnight, UTC.
    public init(start: Int64) { self.start = start }

    public var range: TimeRange { TimeRange(start: start, end: start + Self.duration) }

    /// Adds what the catalog says of all blocks of one tenant that overlap the day.
    public mutating func add(_ blocks: [BlockMetrics]) {
        var tenant = DayCounts(start: start)
        for block in blocks where block.range.overlaps(range) {
            let isInside = block.range.start >= range.start && block.range.end <= range.end
            tenant.series.add(
                block.metrics.reduce(0) { $0 + $1.seriesCount },
                isInside: isInside
            )
            for metric in block.metrics {
                let key = Array(metric.name.utf8)
                var counts = tenant.metrics[key] ?? Metric(name: metric.name)
                counts.series.add(metric.seriesCount, isInside: isInside)
                counts.samplesAtMost += metric.sampleCount
                tenant.metrics[key] = counts
                tenant.samplesAtMost += metric.sampleCount
            }
        }
        series.add(tenant.series)
        samplesAtMost += tenant.samplesAtMost
        for (key, counts) in tenant.metrics {
            metrics[key, default: Metric(name: counts.name)].series.add(counts.series)
            metrics[key]?.samplesAtMost += counts.samplesAtMost
        }
    }

    public var metricCount: Int { metrics.count }

    /// The metrics with most series, by their upper bound, equal ones by name.
    public func largest(_ limit: Int) -> [Metric] {
        let sorted = metrics.values.sorted {
            $0.series.atMost == $1.series.atMost
                ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
                : $0.series.atMost > $1.series.atMost
        }
        return Array(sorted.prefix(limit))
    }

    /// Counts of one metric; zero where the day has none of it.
    public func metric(named name: String) -> Metric {
        metrics[Array(name.utf8)] ?? Metric(name: name)
    }
}
