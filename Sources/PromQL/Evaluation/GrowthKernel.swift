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
        var growth = window.values[window.count - 1] - first
        if isCounter { resets.add(in: window, to: &growth) }
        times.update(
            first: window.timestamps[0],
            last: window.timestamps[window.count - 1],
            count: window.count,
            start: window.start,
            end: window.end,
            isRate: isRate
        )
        return times.extrapolated(growth, from: first, isCounter: isCounter, isRate)
    }
}

/// What extrapolation takes from the times of a window.
struct WindowTimes: Sendable {
    private var beforeFirst = Int64.min
    private var span = Int64.min
    private var afterLast = Int64.min
    private var count = -1
    /// Seconds from the first to the last sample.
    private var sampled = 0.0
    /// Seconds of extrapolation before the first sample and behind the last one.
    private var toStart = 0.0
    private var toEnd = 0.0
    private var range = 1.0
    /// What the growth from the first to the last sample is multiplied by.
    private var factor = 1.0

    /// Takes the times, in milliseconds, of a window with two samples or more.
    @inline(__always)
    mutating func update(
        first: Int64,
        last: Int64,
        count: Int,
        start: Int64,
        end: Int64,
        isRate: Bool
    ) {
        if first &- start == beforeFirst, last &- first == span, end &- last == afterLast,
            count == self.count
        {
            return
        }
        beforeFirst = first &- start
        span = last &- first
        afterLast = end &- last
        self.count = count
        recompute(range: end &- start, isRate)
    }

    @inline(__always)
    private mutating func recompute(range window: Int64, _ isRate: Bool) {
        let milliseconds = SIMD4(
            Double(span),
            Double(beforeFirst),
            Double(afterLast),
            Double(window)
        )
        // One division for all: exact, as four would be.
        let seconds = milliseconds / 1000
        sampled = seconds[0]
        range = seconds[3]
        toStart = seconds[1]
        toEnd = seconds[2]
        // A tenth more than the average distance of samples is too far. Nearly always both are clearly nearer, which
        // takes no division to see.
        if max(toStart, toEnd) * Double(count - 1) >= sampled * 1.0999 {
            let average = sampled / Double(count - 1)
            let threshold = average * 1.1
            if toStart >= threshold { toStart = average / 2 }
            if toEnd >= threshold { toEnd = average / 2 }
        }
        factor = factor(toStart: toStart, isRate)
    }

    /// The function's value for a growth from the first to the last sample.
    @inline(__always)
    func extrapolated(
        _ growth: Double,
        from first: Double,
        isCounter: Bool,
        _ isRate: Bool
    ) -> Double {
        // A counter cannot have been below 0: do not go back beyond the point where it was 0. With twice
        // the growth to start from that point is farther away than any extrapolation reaches.
        if isCounter, growth > 0, first >= 0, first < 2 * growth {
            let toZero = sampled * (first / growth)
            if toZero < toStart { return growth * factor(toStart: toZero, isRate) }
        }
        return growth * factor
    }

    private func factor(toStart: Double, _ isRate: Bool) -> Double {
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
        add(in: window.indexes, to: &result) { window.values[$0 - window.firstIndex] }
    }

    /// Adds what was lost between the samples of some indexes, oldest first.
    @inline(__always)
    mutating func add(
        in window: Range<Int>,
        of values: UnsafeBufferPointer<Double>,
        to result: inout Double
    ) {
        add(in: window, to: &result) { values[$0] }
    }

    @inline(__always)
    private mutating func add(
        in window: Range<Int>,
        to result: inout Double,
        _ value: (_ index: Int) -> Double
    ) {
        guard next < indexes.count else { return }
        while next < indexes.count, Int(indexes[next]) <= window.lowerBound { next += 1 }
        var index = next
        while index < indexes.count, Int(indexes[index]) < window.upperBound {
            result += value(Int(indexes[index]) - 1)
            index += 1
        }
    }
}
