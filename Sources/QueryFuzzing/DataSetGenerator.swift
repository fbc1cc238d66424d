internal import MetricsModel
internal import PromQL

/// Draws data: counters, gauges, odd values, buckets; with gaps, resets and staleness markers.
///
/// Times are milliseconds from ``start`` to ``end``, and their milliseconds within the second keep a distance
/// of 100 from 0, 500 and ``queryMillisecond``. A query at that millisecond, whose ranges are whole seconds (give
/// or take a few milliseconds) therefore has no sample on the border of a window: whether windows hold their left
/// border does not matter then.
///
/// Numbers are multiples of 1/4 with few digits, so that sums of samples are exact in any order. Counters fall to
/// at most half when they are reset and increase slowly otherwise: how an extrapolation treats the zero of a
/// counter does not matter either, except close to a reset in ``requests_total``.
public struct DataSetGenerator<Random: RandomNumberGenerator> {
    public var random: Random

    public init(random: Random) {
        self.random = random
    }

    /// Time of the first scrape, in milliseconds.
    public static var start: Int64 { 600_000 }
    /// No scrape is later.
    public static var end: Int64 { 2_700_000 }
    /// The millisecond within a second at which no border of a window meets a sample.
    public static var queryMillisecond: Int64 { 517 }

    public mutating func dataSet() -> DataSet {
        let series =
            requests() + irregularCounters() + temperatures() + memory() + oddValues() + latencies()
            + shortLived() + information()
        return DataSet(
            series: series.filter { !$0.samples.isEmpty }.sorted { $0.labels < $1.labels }
        )
    }

    /// Scraped regularly, with resets to nearly zero.
    private mutating func requests() -> [SeriesSamples] {
        var result: [SeriesSamples] = []
        for (job, instance) in [("api", "a:1"), ("api", "b:2"), ("web", "a:1")] {
            let times = regularTimes()
            for code in ["200", "500"] {
                var value = 1_048_576.0
                let values = times.indices.map { index in
                    if index > 3, chance(0.03) {
                        value = Double(Int.random(in: 0...40, using: &random))
                    }
                    value += Double(Int.random(in: 0...20, using: &random))
                    return value
                }
                let labels: Labels = [
                    "__name__": "requests_total", "job": job, "instance": instance, "code": code,
                ]
                result.append(SeriesSamples(labels: labels, timestamps: times, values: values))
            }
        }
        return result
    }

    private mutating func irregularCounters() -> [SeriesSamples] {
        ["a:1", "b:2", "c:3"].map { instance in
            let times = irregularTimes()
            var value = 1_099_511_627_776.0
            let values = times.map { _ in
                if value > 1_000_000, chance(0.04) { value = (value / 2).rounded(.down) }
                value += Double(Int.random(in: 0...20, using: &random))
                return value
            }
            let labels: Labels = [
                "__name__": "irregular_total", "job": "api", "instance": instance,
            ]
            return SeriesSamples(labels: labels, timestamps: times, values: values)
        }
    }

    /// With gaps and staleness markers.
    private mutating func temperatures() -> [SeriesSamples] {
        var result: [SeriesSamples] = []
        for job in ["api", "web"] {
            for zone in ["north", "south"] {
                let times = irregularTimes()
                let values = times.map { _ in
                    chance(0.05)
                        ? StaleMarker.value : Double(Int.random(in: -80...160, using: &random)) / 4
                }
                let labels: Labels = ["__name__": "temperature", "job": job, "zone": zone]
                result.append(SeriesSamples(labels: labels, timestamps: times, values: values))
            }
        }
        return result
    }

    /// All at the same times.
    private mutating func memory() -> [SeriesSamples] {
        let times = regularTimes()
        var result: [SeriesSamples] = []
        for (job, instance) in [("api", "a:1"), ("api", "b:2"), ("web", "a:1"), ("web", "b:2")] {
            let values = times.map { _ in Double(Int.random(in: 0...1000, using: &random)) }
            let labels: Labels = ["__name__": "memory_bytes", "job": job, "instance": instance]
            result.append(SeriesSamples(labels: labels, timestamps: times, values: values))
        }
        return result
    }

    private mutating func oddValues() -> [SeriesSamples] {
        let palettes: [(kind: String, values: [Double])] = [
            ("inf", [.infinity, -.infinity, 1]),
            ("mixed", [.nan, .infinity, -.infinity, -0.0, 0, 0.25, -1.5, 1e10, StaleMarker.value]),
            ("nan", [.nan]),
            ("zero", [0, -0.0]),
        ]
        return palettes.map { palette in
            let times = irregularTimes()
            let values = times.map { _ in
                palette.values[Int.random(in: 0..<palette.values.count, using: &random)]
            }
            let labels: Labels = ["__name__": "odd_values", "kind": palette.kind]
            return SeriesSamples(labels: labels, timestamps: times, values: values)
        }
    }

    /// A classic histogram.
    private mutating func latencies() -> [SeriesSamples] {
        let bounds = ["0.1", "0.5", "1", "5", "+Inf"]
        var result: [SeriesSamples] = []
        for job in ["api", "web"] {
            let times = regularTimes()
            var counts = bounds.indices.map { Double(1_048_576 * ($0 + 1)) }
            var columns = [[Double]](repeating: [], count: bounds.count)
            for _ in times {
                let first = Int.random(in: 0..<bounds.count, using: &random)
                let added = Double(Int.random(in: 0...9, using: &random))
                for index in first..<bounds.count { counts[index] += added }
                for index in bounds.indices { columns[index].append(counts[index]) }
            }
            for (bound, values) in zip(bounds, columns) {
                let labels: Labels = [
                    "__name__": "latency_seconds_bucket", "job": job, "le": bound,
                ]
                result.append(SeriesSamples(labels: labels, timestamps: times, values: values))
            }
        }
        return result
    }

    /// Begins late and ends with a staleness marker, twice.
    private mutating func shortLived() -> [SeriesSamples] {
        ["api", "web"].map { job in
            let times = regularTimes()
            let first = Int.random(in: 0..<times.count / 2, using: &random)
            let last = Int.random(in: first + 10..<times.count, using: &random)
            let pause = first + 5
            var chosen: [Int64] = []
            var values: [Double] = []
            for index in first...last where !(pause + 1..<pause + 4).contains(index) {
                chosen.append(times[index])
                let value = Double(Int.random(in: 0...3, using: &random))
                values.append(index == pause || index == last ? StaleMarker.value : value)
            }
            let labels: Labels = ["__name__": "short_lived", "job": job]
            return SeriesSamples(labels: labels, timestamps: chosen, values: values)
        }
    }

    private mutating func information() -> [SeriesSamples] {
        let times = regularTimes()
        return [("api", "a:1", "1.0"), ("api", "b:2", "2.0"), ("web", "a:1", "1.0")].map {
            let labels: Labels = [
                "__name__": "target_info", "job": $0.0, "instance": $0.1, "version": $0.2,
            ]
            let values = [Double](repeating: 1, count: times.count)
            return SeriesSamples(labels: labels, timestamps: times, values: values)
        }
    }

    /// Every 15 s, give or take 0.1 s.
    private mutating func regularTimes() -> [Int64] {
        let phase = Int64.random(in: 0..<15, using: &random) * 1000 + 200
        return stride(from: Self.start + phase, through: Self.end, by: 15_000).map {
            $0 + Int64.random(in: -90...90, using: &random)
        }
    }

    /// 4 s to 60 s apart, with gaps of up to 8 min.
    private mutating func irregularTimes() -> [Int64] {
        var times: [Int64] = []
        var second = Self.start / 1000 + Int64.random(in: 0..<60, using: &random)
        while second * 1000 < Self.end - 1000 {
            let millisecond = Int64.random(in: 100...390, using: &random)
            times.append(second * 1000 + millisecond + (chance(0.5) ? 510 : 0))
            second += Int64.random(in: 4...60, using: &random)
            if chance(0.03) { second += Int64.random(in: 60...480, using: &random) }
        }
        return times
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }
}
