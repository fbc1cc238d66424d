internal import MetricsModel

/// The classic histograms of a `load` block, to be stored as native ones with custom buckets too.
struct ClassicHistograms {
    /// What is known of one histogram at one time.
    fileprivate struct Parts {
        /// Cumulative, by upper bound.
        var buckets: [(bound: Double, count: Double)] = []
        var count: Double?
        var sum = 0.0
        /// Whether there is nothing but staleness markers.
        var isStale = true
    }

    fileprivate enum Part {
        case bucket(bound: Double)
        case count
        case sum
    }

    /// A series without `le` and with its base name; for each position what is known.
    private struct Group {
        /// Of the last series, from 1.
        var line: Int
        var parts: [Parts?]
    }

    private var groups: [Labels: Group] = [:]

    init(_ load: ScriptLoad) {
        for series in load.series {
            guard let (part, base) = Self.part(series.labels) else { continue }
            var group = groups[base] ?? Group(line: series.line, parts: [])
            group.line = series.line
            let missing = max(0, series.points.count - group.parts.count)
            group.parts += [Parts?](repeating: nil, count: missing)
            for (index, point) in series.points.enumerated() {
                guard case .float(let value) = point else { continue }
                var parts = group.parts[index] ?? Parts()
                parts.set(part, value)
                group.parts[index] = parts
            }
            groups[base] = group
        }
    }

    /// The series of histograms, sorted by labels.
    func converted() -> [ScriptLoad.Series] {
        groups.sorted { $0.key < $1.key }.map { base, group in
            ScriptLoad.Series(
                line: group.line,
                labels: base,
                points: group.parts.map { parts in
                    guard let parts else { return .gap }
                    if parts.isStale { return .float(StaleMarker.value) }
                    return .histogram(
                        ScriptHistogram(value: parts.histogram, statesHint: false)
                    )
                }
            )
        }
    }

    /// Which part of which histogram a series is.
    private static func part(_ labels: Labels) -> (part: Part, base: Labels)? {
        let name = labels.name
        let base = labels.setting("le", to: "")
        if name.hasSuffix("_bucket") {
            guard let bound = labels.value(of: "le").flatMap(ScalarText.value), !bound.isNaN else {
                return nil
            }
            return (.bucket(bound: bound), base.named(name.dropLast("_bucket".count)))
        }
        if name.hasSuffix("_count") { return (.count, base.named(name.dropLast("_count".count))) }
        if name.hasSuffix("_sum") { return (.sum, base.named(name.dropLast("_sum".count))) }
        return nil
    }
}

extension ClassicHistograms.Parts {
    fileprivate mutating func set(_ part: ClassicHistograms.Part, _ value: Double) {
        guard !StaleMarker.isMarker(value) else { return }
        isStale = false
        switch part {
        case .bucket(let bound): buckets.append((bound, value))
        case .count: count = value
        case .sum: sum = value
        }
    }

    /// A bucket for each bound, and one for what is above the last.
    fileprivate var histogram: Histogram {
        let sorted = buckets.sorted { $0.bound < $1.bound }
        let finite = sorted.filter { $0.bound != .infinity }
        let total = count ?? sorted.last?.count ?? 0
        let top = sorted.last.map { $0.bound == .infinity ? $0.count : total } ?? total
        var counts: [Double] = []
        var below = 0.0
        for cumulative in finite.map(\.count) + [top] {
            counts.append(cumulative - below)
            below = cumulative
        }
        return Histogram(
            schema: Histogram.customSchema,
            count: total,
            sum: sum,
            positive: Histogram.Buckets(
                indexes: Array(0..<Int32(clamping: counts.count)),
                counts: counts
            ),
            customBounds: finite.map(\.bound)
        )
    }
}

extension Labels {
    fileprivate func named(_ name: Substring) -> Labels {
        setting(Labels.metricName, to: String(name))
    }
}
