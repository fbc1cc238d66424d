/// A straight line between two samples.
struct Interpolation {
    let leftTime: Int64
    let leftValue: Double
    let rightTime: Int64
    let rightValue: Double

    /// - Parameter isCounter: Whether a fall is a reset, after which counting began at 0.
    func value(at time: Int64, isCounter: Bool) -> Double {
        let left = isCounter && rightValue < leftValue ? 0 : leftValue
        return left
            + (rightValue - left) * Double(time - leftTime) / Double(rightTime - leftTime)
    }
}

/// An `anchored` or `smoothed` window: its samples and the values at both edges.
struct ExtendedWindow {
    private let window: Window
    private let isSmoothed: Bool
    /// The index of the last sample at or before the start, otherwise of the first sample.
    private let first: Int
    /// The index of the last sample; smoothed of the first one at or after the end, if any.
    private let last: Int

    /// Takes a window that holds the samples around its edges as well.
    ///
    /// Nil if no sample lies behind the start, or smoothed if all lie behind the end.
    init?(_ window: Window, isSmoothed: Bool) {
        let times = window.timestamps
        let count = times.count
        guard count > 0, times[count - 1] > window.start else { return nil }
        first = max(0, times.firstIndex(after: window.start) - 1)
        last =
            isSmoothed
            ? min(count - 1, times.firstIndex(after: window.end.saturatingSubtract(1))) : count - 1
        guard times[last] > window.start, times[first] <= window.end else { return nil }
        self.window = window
        self.isSmoothed = isSmoothed
    }

    /// The value at the window's start.
    func left(isCounter: Bool) -> Double {
        guard isSmoothed, window.timestamps[first] < window.start, first < last else {
            return window.values[first]
        }
        return line(from: first).value(at: window.start, isCounter: isCounter)
    }

    /// The value at the window's end.
    func right(isCounter: Bool) -> Double {
        guard isSmoothed, last > 0, window.timestamps[last] > window.end else {
            return window.values[last]
        }
        return line(from: last - 1).value(at: window.end, isCounter: isCounter)
    }

    /// The indexes of the samples strictly inside.
    var inner: Range<Int> {
        let from = window.timestamps[first] <= window.start ? first + 1 : first
        let to = window.timestamps[last] >= window.end ? last : last + 1
        return from..<max(from, to)
    }

    /// The indexes of the sample that stands in for the start and all behind it.
    var fromAnchor: Range<Int> { first..<last + 1 }

    /// The growth from edge to edge; counters have resets added up.
    func increase(isCounter: Bool) -> Double {
        let left = left(isCounter: isCounter)
        let right = right(isCounter: isCounter)
        guard isCounter else { return right - left }
        var correction = 0.0
        var previous = left
        for index in inner {
            let value = window.values[index]
            if value < previous { correction += previous }
            previous = value
        }
        if right < previous { correction += previous }
        return right - left + correction
    }

    /// The samples inside with one more exactly at each edge.
    func contents() -> ([Int64], [Double]) {
        var timestamps = [window.start]
        var values = [left(isCounter: false)]
        timestamps.append(contentsOf: window.timestamps[inner])
        values.append(contentsOf: window.values[inner])
        timestamps.append(window.end)
        values.append(right(isCounter: false))
        return (timestamps, values)
    }

    private func line(from index: Int) -> Interpolation {
        Interpolation(
            leftTime: window.timestamps[index],
            leftValue: window.values[index],
            rightTime: window.timestamps[index + 1],
            rightValue: window.values[index + 1]
        )
    }
}
