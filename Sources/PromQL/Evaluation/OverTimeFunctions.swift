internal import Glibc

/// The functions `…_over_time` on windows of floats.
///
/// Windows are never empty. Sums are compensated and run in order of time.
enum OverTimeFunctions {
    static func average(_ window: Window) -> Double {
        var mean = MeanAccumulator(window.values[0])
        for value in window.values.dropFirst() { mean.add(value) }
        return mean.mean
    }

    static func sum(_ window: Window) -> Double {
        var sum = KahanSum()
        for value in window.values { sum.add(value) }
        return sum.sum.isInfinite ? sum.sum : sum.total
    }

    static func minimum(_ window: Window) -> Double {
        window.values[extreme(window) { $0 < $1 }]
    }

    static func maximum(_ window: Window) -> Double {
        window.values[extreme(window) { $0 > $1 }]
    }

    /// Seconds of the last sample that has the smallest value.
    static func timeOfMinimum(_ window: Window) -> Double {
        seconds(window.timestamps[extreme(window) { $0 <= $1 }])
    }

    /// Seconds of the last sample that has the largest value.
    static func timeOfMaximum(_ window: Window) -> Double {
        seconds(window.timestamps[extreme(window) { $0 >= $1 }])
    }

    /// The index of the value that beats all others; NaN is beaten by all.
    private static func extreme(
        _ window: Window,
        _ beats: (_ challenger: Double, _ best: Double) -> Bool
    ) -> Int {
        var best = 0
        for index in 1..<max(1, window.count)
        where beats(window.values[index], window.values[best]) || window.values[best].isNaN {
            best = index
        }
        return best
    }

    static func count(_ window: Window) -> Double { Double(window.count) }

    static func first(_ window: Window) -> Double { window.values[0] }

    static func last(_ window: Window) -> Double { window.values[window.count - 1] }

    static func timeOfFirst(_ window: Window) -> Double { seconds(window.timestamps[0]) }

    static func timeOfLast(_ window: Window) -> Double {
        seconds(window.timestamps[window.count - 1])
    }

    /// The population variance (Welford's method, compensated).
    static func variance(_ window: Window) -> Double {
        var count = 0.0
        var mean = KahanSum()
        var squares = KahanSum()
        for value in window.values {
            count += 1
            let delta = value - mean.total
            mean.add(delta / count)
            squares.add(delta * (value - mean.total))
        }
        return squares.total / count
    }

    static func deviation(_ window: Window) -> Double { variance(window).squareRoot() }

    static func quantile(_ quantile: Double, _ window: Window) -> Double {
        var values = Array(window.values)
        return Quantile.value(quantile, of: &values)
    }

    /// The median of the distances from the median; NaN if any value is.
    static func medianDeviation(_ window: Window) -> Double {
        guard !window.values.contains(where: \.isNaN) else { return .nan }
        var values = Array(window.values)
        let median = Quantile.value(0.5, of: &values)
        var distances = window.values.map { ($0 - median).magnitude }
        return Quantile.value(0.5, of: &distances)
    }

    /// Smooths twice, for the level and for the trend.
    ///
    /// - Precondition: both factors are in (0, 1).
    static func doubleExponentialSmoothing(
        _ window: Window,
        smoothing: Double,
        trend: Double
    ) -> Double {
        guard window.count >= 2 else { return .absent }
        var previous = 0.0
        var level = window.values[0]
        var slope = window.values[1] - window.values[0]
        for index in 1..<window.count {
            if index > 1 { slope = trend * (level - previous) + (1 - trend) * slope }
            let next = smoothing * window.values[index] + (1 - smoothing) * (level + slope)
            previous = level
            level = next
        }
        return level
    }

    private static func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }
}
