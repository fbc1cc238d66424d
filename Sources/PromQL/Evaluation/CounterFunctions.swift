/// `rate`, `increase`, `delta` and their relatives on windows of floats.
enum CounterFunctions {
    /// The growth over a window, extrapolated to its edges.
    ///
    /// - Parameters:
    ///   - isCounter: Whether falls are resets.
    ///   - isRate: Whether to divide by the window's length.
    ///   - edges: How the edges are treated.
    static func growth(
        of series: RangeSeries,
        isCounter: Bool,
        isRate: Bool,
        edges: WindowEdges
    ) -> WindowFunction {
        guard edges == .plain else {
            return { window in
                guard let extended = ExtendedWindow(window, isSmoothed: edges == .smoothed) else {
                    return .absent
                }
                let increase = extended.increase(isCounter: isCounter)
                return isRate ? increase / Self.seconds(window.end - window.start) : increase
            }
        }
        var resets = ResetCursor(isCounter ? series.values : [])
        return { window in
            guard window.count >= 2 else { return .absent }
            var result = window.values[window.count - 1] - window.values[0]
            if isCounter { resets.add(in: window.indexes, to: &result) }
            return Self.extrapolated(result, window, isCounter: isCounter, isRate: isRate)
        }
    }

    private static func extrapolated(
        _ result: Double,
        _ window: Window,
        isCounter: Bool,
        isRate: Bool
    ) -> Double {
        let first = window.timestamps[0]
        let last = window.timestamps[window.count - 1]
        let sampled = seconds(last - first)
        let average = sampled / Double(window.count - 1)
        var toStart = seconds(first - window.start)
        var toEnd = seconds(window.end - last)
        let threshold = average * 1.1
        if toStart >= threshold { toStart = average / 2 }
        if isCounter {
            // A counter cannot have been below 0: do not go back beyond the point where it was 0.
            var toZero = toStart
            if result > 0, window.values[0] >= 0 {
                toZero = sampled * (window.values[0] / result)
            }
            if toZero < toStart { toStart = toZero }
        }
        if toEnd >= threshold { toEnd = average / 2 }
        var factor = sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled
        if isRate { factor /= seconds(window.end - window.start) }
        return result * factor
    }

    /// The difference of the last two samples; as a rate with resets, per second.
    static func instantGrowth(isRate: Bool) -> WindowFunction {
        { window in
            let last = window.count - 1
            guard last >= 1 else { return .absent }
            let interval = window.timestamps[last] - window.timestamps[last - 1]
            guard interval > 0 else { return .absent }
            let newer = window.values[last]
            let older = window.values[last - 1]
            guard isRate else { return newer - older }
            let increase = newer < older ? newer : newer - older
            return increase / seconds(interval)
        }
    }

    /// How many neighbours in a window differ.
    static func changes(of series: RangeSeries, edges: WindowEdges) -> WindowFunction {
        counting(in: series, edges: edges) { older, newer in
            newer != older && !(newer.isNaN && older.isNaN)
        }
    }

    /// How many neighbours in a window fall.
    static func resets(of series: RangeSeries, edges: WindowEdges) -> WindowFunction {
        counting(in: series, edges: edges) { older, newer in newer < older }
    }

    private static func counting(
        in series: RangeSeries,
        edges: WindowEdges,
        _ matches: (Double, Double) -> Bool
    ) -> WindowFunction {
        // How many pairs match up to each sample: a window's count is then one subtraction.
        var counts = [Int32](repeating: 0, count: series.values.count)
        for index in series.values.indices.dropFirst() {
            let isMatch = matches(series.values[index - 1], series.values[index])
            counts[index] = counts[index - 1] + (isMatch ? 1 : 0)
        }
        return { window in
            var indexes = window.indexes
            if edges != .plain {
                guard let extended = ExtendedWindow(window, isSmoothed: false) else {
                    return .absent
                }
                let inner = extended.fromAnchor
                indexes =
                    window.firstIndex + inner.lowerBound..<window.firstIndex + inner.upperBound
            }
            return Double(counts[indexes.upperBound - 1] - counts[indexes.lowerBound])
        }
    }

    private static func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }
}

/// The resets of a counter, for windows that move forward.
struct ResetCursor {
    private struct Reset {
        /// Of the first sample after the fall.
        let index: Int
        /// The value before the fall.
        let lost: Double
    }

    private var resets: [Reset] = []
    private var next = 0

    init(_ values: [Double]) {
        for index in values.indices.dropFirst() where values[index] < values[index - 1] {
            resets.append(Reset(index: index, lost: values[index - 1]))
        }
    }

    /// Adds what was lost between the samples of a window, oldest first.
    mutating func add(in window: Range<Int>, to result: inout Double) {
        while next < resets.count, resets[next].index <= window.lowerBound { next += 1 }
        var index = next
        while index < resets.count, resets[index].index < window.upperBound {
            result += resets[index].lost
            index += 1
        }
    }
}
