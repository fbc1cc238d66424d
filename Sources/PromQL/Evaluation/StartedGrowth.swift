/// `rate`, `increase` and `irate` over floats whose start timestamps are known, for some at least.
struct StartedGrowth {
    private let series: FloatSeries
    /// Milliseconds, 0 for unknown; empty if none counts.
    private let starts: [Int64]

    init(_ series: FloatSeries, starts: [Int64]) {
        self.series = series
        self.starts = starts
    }

    var hasStarts: Bool { !starts.isEmpty }

    /// Whether counting began anew between a sample and the one before it.
    func isReset(at index: Int) -> Bool {
        if series.values[index] < series.values[index - 1] { return true }
        guard hasStarts else { return false }
        return StartTimestamp.isReset(
            start: starts[index],
            at: series.timestamps[index],
            previousStart: starts[index - 1],
            previousTime: series.timestamps[index - 1]
        )
    }

    /// Whether a start timestamp among samples lies before the sample before it.
    func overlaps(in window: Range<Int>) -> Bool {
        window.dropFirst().contains { index in
            StartTimestamp.isOverlap(
                start: starts[index],
                previousStart: starts[index - 1],
                previousTime: series.timestamps[index - 1]
            )
        }
    }

    /// The growth over a window, extrapolated to its edges; from 0 where the first sample's start is inside.
    func extrapolated(_ window: Window, isRate: Bool) -> Double {
        let first = window.firstIndex
        let firstTime = window.timestamps[0]
        let start = starts[first]
        let isFromZero = start != 0 && start > window.start && start < firstTime
        guard window.count >= 2 || isFromZero else { return .absent }
        var result = window.values[window.count - 1] - window.values[0]
        for index in window.indexes.dropFirst() where isReset(at: index) {
            result += series.values[index - 1]
        }
        let last = window.timestamps[window.count - 1]
        var sampled = Self.seconds(last, since: firstTime)
        let average = window.count > 1 ? sampled / Double(window.count - 1) : 0
        let threshold = average * 1.1
        var toStart = Self.seconds(firstTime, since: window.start)
        if isFromZero {
            toStart = 0
            sampled = Self.seconds(last, since: start)
            result += window.values[0]
        } else {
            if toStart >= threshold { toStart = average / 2 }
            if result > 0, window.values[0] >= 0 {
                toStart = min(toStart, sampled * (window.values[0] / result))
            }
        }
        var toEnd = Self.seconds(window.end, since: last)
        if toEnd >= threshold { toEnd = average / 2 }
        var factor = sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled
        if isRate { factor /= Self.seconds(window.end, since: window.start) }
        return result * factor
    }

    /// The growth between the last two samples, per second.
    func instantRate(_ window: Window) -> Double {
        let last = window.count - 1
        guard last >= 1 else { return .absent }
        let interval = window.timestamps[last] - window.timestamps[last - 1]
        guard interval > 0 else { return .absent }
        let isReset = isReset(at: window.firstIndex + last)
        let increase = isReset ? window.values[last] : window.values[last] - window.values[last - 1]
        return increase / (Double(interval) / 1000)
    }

    private static func seconds(_ time: Int64, since start: Int64) -> Double {
        Double(time.saturatingSubtract(start)) / 1000
    }
}
