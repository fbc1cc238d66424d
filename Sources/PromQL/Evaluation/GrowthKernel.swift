/// `rate`, `increase` and `delta` over plain windows of floats.
///
/// Resets are found once per series. What depends on the times of a window alone is kept from step to
/// step: with regular samples and steps it never changes, and a step costs one multiplication.
struct GrowthKernel: WindowKernel {
    /// Whether falls are resets.
    let isCounter: Bool
    /// Whether to divide by the window's length.
    let isRate: Bool
    private var resets = ResetCursor()
    private var times = WindowTimes()

    init(isCounter: Bool, isRate: Bool) {
        self.isCounter = isCounter
        self.isRate = isRate
    }

    mutating func begin(_ series: FloatSeries) {
        if isCounter { resets.find(in: series.values) }
    }

    @inline(__always)
    mutating func value(_ window: Window) -> Double {
        guard window.count >= 2 else { return .absent }
        let first = window.values[0]
        var result = window.values[window.count - 1] - first
        if isCounter { resets.add(in: window, to: &result) }
        times.update(window, isRate: isRate)
        // A counter cannot have been below 0: do not go back beyond the point where it was 0. With twice
        // the growth to start from that point is farther away than any extrapolation reaches.
        if isCounter, result > 0, first >= 0, first < 2 * result {
            let toZero = times.sampled * (first / result)
            if toZero < times.toStart { return result * times.factor(toStart: toZero, isRate) }
        }
        return result * times.factor
    }
}

/// What extrapolation takes from the times of a window.
private struct WindowTimes {
    private var beforeFirst = Int64.min
    private var span = Int64.min
    private var afterLast = Int64.min
    private var count = -1
    /// Seconds from the first to the last sample.
    private(set) var sampled = 0.0
    /// Seconds of extrapolation before the first sample and behind the last one.
    private(set) var toStart = 0.0
    private var toEnd = 0.0
    private var range = 1.0
    /// What the growth from the first to the last sample is multiplied by.
    private(set) var factor = 1.0

    @inline(__always)
    mutating func update(_ window: Window, isRate: Bool) {
        let first = window.timestamps[0]
        let last = window.timestamps[window.count - 1]
        if first &- window.start == beforeFirst, last &- first == span,
            window.end &- last == afterLast, window.count == count
        {
            return
        }
        recompute(window, first, last, isRate)
    }

    @inline(__always)
    private mutating func recompute(_ window: Window, _ first: Int64, _ last: Int64, _ isRate: Bool)
    {
        beforeFirst = first &- window.start
        span = last &- first
        afterLast = window.end &- last
        count = window.count
        let milliseconds = SIMD4(
            Double(span),
            Double(beforeFirst),
            Double(afterLast),
            Double(window.end &- window.start)
        )
        // One division for all: exact, as four would be.
        let seconds = milliseconds / 1000
        sampled = seconds[0]
        range = seconds[3]
        let average = sampled / Double(count - 1)
        let threshold = average * 1.1
        toStart = seconds[1]
        if toStart >= threshold { toStart = average / 2 }
        toEnd = seconds[2]
        if toEnd >= threshold { toEnd = average / 2 }
        factor = factor(toStart: toStart, isRate)
    }

    func factor(toStart: Double, _ isRate: Bool) -> Double {
        let factor = sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled
        return isRate ? factor / range : factor
    }
}

/// The resets of a counter, for windows that move forward.
struct ResetCursor {
    /// The first sample after each fall.
    private var indexes: [Int32] = []
    private var next = 0

    /// Finds the falls in a series; memory of the one before is used again.
    mutating func find(in values: UnsafeBufferPointer<Double>) {
        indexes.removeAll(keepingCapacity: true)
        next = 0
        guard values.count > 1 else { return }
        var previous = values[0]
        for index in 1..<values.count {
            let value = values[index]
            if value < previous { indexes.append(Int32(truncatingIfNeeded: index)) }
            previous = value
        }
    }

    /// Adds what was lost between the samples of a window, oldest first.
    @inline(__always)
    mutating func add(in window: Window, to result: inout Double) {
        guard next < indexes.count else { return }
        while next < indexes.count, Int(indexes[next]) <= window.firstIndex { next += 1 }
        var index = next
        while index < indexes.count, Int(indexes[index]) < window.firstIndex + window.count {
            result += window.values[Int(indexes[index]) - window.firstIndex - 1]
            index += 1
        }
    }
}
