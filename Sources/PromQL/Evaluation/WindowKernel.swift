/// Computes a range function over the windows of one series after the other.
///
/// A kernel may keep what it found in one window for the next: windows come in order of time, and their
/// edges never move back.
protocol WindowKernel {
    /// Takes the series over which the next windows move.
    mutating func begin(_ series: FloatSeries)

    /// The function's value for a window with at least one sample, or the absent mark.
    mutating func value(_ window: Window) -> Double
}

/// A kernel that looks at each window alone.
struct FunctionKernel: WindowKernel {
    let function: (Window) -> Double

    func begin(_ series: FloatSeries) {}

    func value(_ window: Window) -> Double { function(window) }
}

/// Moves windows over series for some kernel.
class WindowRunner {
    /// Computes the function at all steps.
    ///
    /// - Returns: The samples of all windows together, those in several counted for each.
    func run(_ series: FloatSeries, _ windows: WindowGrid, into column: StepColumn) -> Int {
        preconditionFailure("a runner without a kernel")
    }

    /// Takes a series whose windows ``value(_:)`` gets one by one.
    func begin(_ series: FloatSeries) {
        preconditionFailure("a runner without a kernel")
    }

    /// Computes the function for one window.
    func value(_ window: Window) -> Double {
        preconditionFailure("a runner without a kernel")
    }
}

/// Moves windows over series for one kernel, which the compiler sees through.
final class KernelRunner<Kernel: WindowKernel>: WindowRunner {
    private var kernel: Kernel

    init(_ kernel: Kernel) {
        self.kernel = kernel
    }

    override func begin(_ series: FloatSeries) { kernel.begin(series) }

    override func value(_ window: Window) -> Double { kernel.value(window) }

    /// One step costs 2 to 6 ns besides the kernel, one sample about 1.
    override func run(
        _ series: FloatSeries,
        _ windows: WindowGrid,
        into column: StepColumn
    ) -> Int {
        kernel.begin(series)
        var kernel = self.kernel
        defer { self.kernel = kernel }
        let times = series.timestamps
        let firstEnd = windows.end(0)
        let bounds = windows.bounds(from: firstEnd.saturatingSubtract(windows.range), to: firstEnd)
        var lower = times.firstIndex(after: bounds.after)
        var upper = lower
        var processed = 0
        var first = -1
        var last = -1
        for step in 0..<windows.grid.count {
            let end = windows.end(step)
            let start = end.saturatingSubtract(windows.range)
            let bounds = windows.bounds(from: start, to: end)
            while lower < times.count, times[lower] <= bounds.after { lower += 1 }
            upper = max(upper, lower)
            while upper < times.count, times[upper] <= bounds.through { upper += 1 }
            var value = Double.absent
            if upper > lower {
                processed += upper - lower
                value = kernel.value(
                    series.window(lower..<upper, from: start, through: end, step: step)
                )
            } else if lower == times.count {
                break
            }
            column.values[step] = value
            if !value.isAbsent {
                if first < 0 { first = step }
                last = step
            }
        }
        column.setFloats(first < 0 ? 0..<0 : first..<last + 1)
        return processed
    }
}
