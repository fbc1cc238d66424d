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

/// Moves windows over series for one kernel.
///
/// The closures are made where the kernel's type is known, so that the loop is compiled for it.
final class WindowRunner {
    /// Computes the function at all steps into the memory's column, and returns the samples of all windows together,
    /// those in several counted for each.
    let run:
        (_ series: FloatSeries, _ windows: WindowGrid, _ memory: EvaluationMemory)
            throws(EvaluationError) -> Int
    /// Takes a series whose windows ``value`` gets one by one.
    let begin: (_ series: FloatSeries) -> Void
    /// Computes the function for one window.
    let value: (_ window: Window) -> Double

    @inline(__always)
    init<Kernel: WindowKernel>(_ kernel: Kernel) {
        let box = KernelBox(kernel)
        run = { (series, windows, memory) throws(EvaluationError) in
            try series.slide(&box.kernel, over: windows, into: memory.column, &memory.stopCheck)
        }
        begin = { series in box.kernel.begin(series) }
        value = { window in box.kernel.value(window) }
    }
}

private final class KernelBox<Kernel> {
    var kernel: Kernel

    init(_ kernel: Kernel) {
        self.kernel = kernel
    }
}

extension FloatSeries {
    /// Moves windows over the series from step to step.
    ///
    /// One step costs 2 to 6 ns besides the kernel, one sample about 1.
    fileprivate func slide<Kernel: WindowKernel>(
        _ state: inout Kernel,
        over windows: WindowGrid,
        into column: StepColumn,
        _ stopCheck: inout StopCheck
    ) throws(EvaluationError) -> Int {
        var kernel = state
        try stopCheck.count(count)
        kernel.begin(self)
        defer { state = kernel }
        let times = timestamps
        let values = column.values
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
                try stopCheck.count(upper - lower)
                value = kernel.value(window(lower..<upper, from: start, through: end, step: step))
            } else if lower == times.count {
                break
            }
            values[step] = value
            if !value.isAbsent {
                if first < 0 { first = step }
                last = step
            }
        }
        column.setFloats(first < 0 ? 0..<0 : first..<last + 1)
        return processed
    }
}
