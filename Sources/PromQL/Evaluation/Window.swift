internal import MetricsModel

/// The float samples of one series that a range function sees at one step.
struct Window {
    /// Milliseconds, ascending.
    let timestamps: UnsafeBufferPointer<Int64>
    let values: UnsafeBufferPointer<Double>
    /// The index in the series of the window's first sample.
    let firstIndex: Int
    /// Milliseconds; the window begins behind this.
    let start: Int64
    /// Milliseconds; the last moment of the window.
    let end: Int64
    /// The step of the grid.
    let step: Int

    var count: Int { values.count }

    /// The indexes in the series of the window's samples.
    var indexes: Range<Int> { firstIndex..<firstIndex + values.count }
}

/// The float samples of one series, without staleness markers.
struct FloatSeries {
    /// Milliseconds, ascending.
    let timestamps: UnsafeBufferPointer<Int64>
    let values: UnsafeBufferPointer<Double>

    var count: Int { values.count }

    /// The samples of these indexes as a window.
    func window(_ indexes: Range<Int>, from start: Int64, through end: Int64, step: Int) -> Window {
        Window(
            timestamps: UnsafeBufferPointer(rebasing: timestamps[indexes]),
            values: UnsafeBufferPointer(rebasing: values[indexes]),
            firstIndex: indexes.lowerBound,
            start: start,
            end: end,
            step: step
        )
    }
}

/// The windows of a range selector or subquery, one for each step of a grid.
struct WindowGrid: Sendable {
    let grid: StepGrid
    let shift: TimeShift
    /// Milliseconds.
    let range: Int64
    let edges: WindowEdges
    /// Milliseconds; how much farther windows reach that are not plain.
    let lookback: Int64

    /// The last moment of a step's window.
    func end(_ step: Int) -> Int64 { shift.reference(at: grid.time(step)) }

    /// The times, exclusive and inclusive, whose samples matter for a window.
    func bounds(from start: Int64, to end: Int64) -> (after: Int64, through: Int64) {
        switch edges {
        case .plain: (start, end)
        case .anchored: (start.saturatingSubtract(lookback), end)
        case .smoothed: (start.saturatingSubtract(lookback), end.saturatingAdd(lookback))
        }
    }
}

extension WindowGrid {
    /// The samples of a window, with synthetic ones at the edges if these are not plain.
    ///
    /// - Throws: For histograms in windows that are not plain.
    func contents(
        of samples: SampleColumns,
        at step: Int
    ) throws(EvaluationError) -> SampleColumns {
        let end = end(step)
        let start = end.saturatingSubtract(range)
        let bounds = bounds(from: start, to: end)
        let histograms = samples.histograms.timestamps.withUnsafeBufferPointer {
            $0.firstIndex(after: bounds.after)..<$0.firstIndex(after: bounds.through)
        }
        guard edges == .plain || histograms.isEmpty else {
            let name = edges == .anchored ? "anchored" : "smoothed"
            throw .execution(message: "\(name) modifier is not supported with histograms")
        }
        return samples.withFloats { series in
            let lower = series.timestamps.firstIndex(after: bounds.after)
            let upper = series.timestamps.firstIndex(after: bounds.through)
            let window = series.window(lower..<upper, from: start, through: end, step: step)
            if edges != .plain {
                let extended = ExtendedWindow(window, isSmoothed: edges == .smoothed)
                guard let (timestamps, values) = extended?.contents() else {
                    return SampleColumns()
                }
                return SampleColumns(timestamps: timestamps, values: values)
            }
            return SampleColumns(
                timestamps: Array(window.timestamps),
                values: Array(window.values),
                histograms: HistogramColumns(
                    timestamps: Array(samples.histograms.timestamps[histograms]),
                    values: Array(samples.histograms.values[histograms])
                )
            )
        }
    }
}

extension SampleColumns {
    /// What the samples count in the limit on samples.
    var budget: Int { values.count + histograms.values.reduce(0) { $0 + $1.budget } }
}
