internal import Glibc

/// What `rate`, `increase` and `delta` take from timestamps alone: where windows begin and end, and how far they are
/// extrapolated.
///
/// All series of one scrape have the same timestamps, so it is worked out once for all of them; most of the time of
/// these functions goes into it, and into its divisions.
final class GrowthShape: Sendable {
    /// One window.
    private struct Step {
        /// Indexes of its samples; the upper one is exclusive.
        var lower: Int32 = 0
        var upper: Int32 = 0
        /// Meaningful where there are two samples or more.
        var times = WindowTimes()
    }

    /// Milliseconds, ascending.
    let timestamps: [Int64]
    /// The windows before all samples are behind.
    private let steps: [Step]
    /// Samples of all windows together, those in several counted for each.
    let processed: Int
    private let isRate: Bool

    /// Bytes of a window.
    static let stepSize = MemoryLayout<Step>.stride

    /// - Precondition: The windows are plain, and there are fewer than 2³¹ samples.
    init(timestamps: [Int64], windows: WindowGrid, isRate: Bool) {
        var steps: [Step] = []
        steps.reserveCapacity(windows.grid.count)
        var processed = 0
        var lower = 0
        var upper = 0
        for index in 0..<windows.grid.count {
            let end = windows.end(index)
            let start = end.saturatingSubtract(windows.range)
            while lower < timestamps.count, timestamps[lower] <= start { lower += 1 }
            upper = max(upper, lower)
            while upper < timestamps.count, timestamps[upper] <= end { upper += 1 }
            if upper == lower, lower == timestamps.count { break }
            processed += upper - lower
            var step = Step(lower: Int32(lower), upper: Int32(upper))
            if upper - lower >= 2 {
                step.times.update(
                    first: timestamps[lower],
                    last: timestamps[upper - 1],
                    count: upper - lower,
                    start: start,
                    end: end,
                    isRate: isRate
                )
            }
            steps.append(step)
        }
        self.timestamps = timestamps
        self.steps = steps
        self.processed = processed
        self.isRate = isRate
    }

    /// Whether it was made of the same timestamps.
    func isShape(of other: UnsafeBufferPointer<Int64>) -> Bool {
        guard other.count == timestamps.count else { return false }
        return timestamps.withUnsafeBytes { own in
            guard let left = own.baseAddress, let right = other.baseAddress else { return true }
            return memcmp(left, right, own.count) == 0
        }
    }

    /// Computes the function at all steps over values that stand at the timestamps.
    ///
    /// - Parameter resets: Those of the values; nil where falls are none.
    func compute(
        _ values: UnsafeBufferPointer<Double>,
        _ resets: inout ResetCursor?,
        into column: StepColumn
    ) {
        precondition(values.count == timestamps.count, "\(values.count), \(timestamps.count)")
        var first = -1
        var last = -1
        steps.withUnsafeBufferPointer { steps in
            for index in steps.indices {
                let lower = Int(steps[index].lower)
                let upper = Int(steps[index].upper)
                guard upper - lower >= 2 else {
                    column.values[index] = .absent
                    continue
                }
                var growth = values[upper - 1] - values[lower]
                resets?.add(in: lower..<upper, of: values, to: &growth)
                column.values[index] = steps[index].times.extrapolated(
                    growth,
                    from: values[lower],
                    isCounter: resets != nil,
                    isRate
                )
                if first < 0 { first = index }
                last = index
            }
        }
        column.setFloats(first < 0 ? 0..<0 : first..<last + 1)
    }
}
