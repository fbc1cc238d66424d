import MetricsModel

/// Range functions over floats as their definition has them: each window is looked at alone.
enum WindowModel {
    /// The samples of one window, oldest first.
    struct Contents {
        let times: [Int64]
        let values: [Double]
        /// Milliseconds; the window begins behind it.
        let start: Int64
        let end: Int64

        init(_ series: SeriesShape, from start: Int64, through end: Int64) {
            let indexes = series.times.indices.filter {
                series.times[$0] > start && series.times[$0] <= end
                    && !StaleMarker.isMarker(series.values[$0])
            }
            times = indexes.map { series.times[$0] }
            values = indexes.map { series.values[$0] }
            self.start = start
            self.end = end
        }
    }

    /// The functions whose results have to agree bit for bit.
    static let exact: [String: @Sendable (Contents) -> Double?] = [
        "count_over_time": { Double($0.values.count) },
        "min_over_time": { extreme($0.values) { $0 < $1 } },
        "max_over_time": { extreme($0.values) { $0 > $1 } },
        "rate": { growth($0, isCounter: true, isRate: true) },
        "increase": { growth($0, isCounter: true, isRate: false) },
        "delta": { growth($0, isCounter: false, isRate: false) },
        "changes": { neighbours($0.values) { $0 != $1 && !($0.isNaN && $1.isNaN) } },
        "resets": { neighbours($0.values) { $1 < $0 } },
    ]

    private static func extreme(_ values: [Double], _ beats: (Double, Double) -> Bool) -> Double {
        var best = values[0]
        for value in values.dropFirst() where beats(value, best) || best.isNaN { best = value }
        return best
    }

    private static func neighbours(
        _ values: [Double],
        _ matches: (Double, Double) -> Bool
    ) -> Double {
        Double(zip(values, values.dropFirst()).count { matches($0, $1) })
    }

    /// Prometheus' extrapolation, in its order of operations.
    private static func growth(_ window: Contents, isCounter: Bool, isRate: Bool) -> Double? {
        guard window.values.count >= 2, let first = window.values.first,
            let last = window.values.last, let firstTime = window.times.first,
            let lastTime = window.times.last
        else { return nil }
        var result = last - first
        if isCounter {
            for (older, newer) in zip(window.values, window.values.dropFirst()) where newer < older
            {
                result += older
            }
        }
        var toStart = Double(firstTime - window.start) / 1000
        var toEnd = Double(window.end - lastTime) / 1000
        let sampled = Double(lastTime - firstTime) / 1000
        let average = sampled / Double(window.values.count - 1)
        let threshold = average * 1.1
        if toStart >= threshold { toStart = average / 2 }
        if isCounter, result > 0, first >= 0 {
            let toZero = sampled * (first / result)
            if toZero < toStart { toStart = toZero }
        }
        if toEnd >= threshold { toEnd = average / 2 }
        var factor = (sampled + toStart + toEnd) / sampled
        if isRate { factor /= Double(window.end - window.start) / 1000 }
        return result * factor
    }

    /// The quantile with linear interpolation; values that are equal stay in order of time.
    static func quantile(_ quantile: Double, _ values: [Double]) -> Double {
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        let sorted = values.enumerated().sorted { left, right in
            if left.element.isNaN != right.element.isNaN { return left.element.isNaN }
            if left.element < right.element { return true }
            return !(right.element < left.element) && left.offset < right.offset
        }.map(\.element)
        let rank = quantile * Double(sorted.count - 1)
        let lower = Int(rank.rounded(.down))
        let weight = rank - rank.rounded(.down)
        return sorted[lower] * (1 - weight) + sorted[min(lower + 1, sorted.count - 1)] * weight
    }

    /// The compensated sum in order of time.
    static func sum(_ values: [Double]) -> Double {
        var (sum, rest) = (0.0, 0.0)
        for value in values { (sum, rest) = increased(sum, rest, by: value) }
        return sum.isInfinite ? sum : sum + rest
    }

    /// The compensated mean in order of time, which goes from mean to mean once the sum overflows.
    static func average(_ values: [Double]) -> Double {
        var (sum, rest, count) = (values[0], 0.0, 1.0)
        var isMean = false
        for value in values.dropFirst() {
            count += 1
            if !isMean {
                let next = increased(sum, rest, by: value)
                if !next.0.isInfinite {
                    (sum, rest) = next
                    continue
                }
                isMean = true
                sum /= count - 1
                rest /= count - 1
            }
            let share = (count - 1) / count
            (sum, rest) = increased(share * sum, share * rest, by: value / count)
        }
        return isMean ? sum + rest : sum / count + rest / count
    }

    private static func increased(
        _ sum: Double,
        _ rest: Double,
        by value: Double
    ) -> (Double, Double) {
        let total = sum + value
        if total.isInfinite { return (total, 0) }
        return sum.magnitude >= value.magnitude
            ? (total, rest + ((sum - total) + value)) : (total, rest + ((value - total) + sum))
    }
}
