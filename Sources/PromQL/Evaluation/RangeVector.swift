internal import MetricsModel

/// A series without staleness markers, over which windows move.
struct RangeSeries {
    var labels: Labels
    /// Whether the name is only kept until the end of the query.
    var dropsName = false
    /// Milliseconds, ascending.
    var timestamps: [Int64]
    var values: [Double]

    init(_ samples: SeriesSamples) {
        labels = samples.labels
        timestamps = samples.samples.timestamps
        values = samples.samples.values
        removeMarkers()
    }

    /// The results of a subquery's expression as samples.
    init(_ column: SeriesColumn, _ grid: StepGrid) {
        labels = column.labels
        dropsName = column.dropsName
        timestamps = column.steps.map(grid.time)
        values = column.values
        removeMarkers()
    }

    private mutating func removeMarkers() {
        guard let first = values.firstIndex(where: \.isAbsent) else { return }
        var target = first
        for index in first..<values.count where !values[index].isAbsent {
            values[target] = values[index]
            timestamps[target] = timestamps[index]
            target += 1
        }
        values.removeLast(values.count - target)
        timestamps.removeLast(timestamps.count - target)
    }
}

/// What a range selector or a subquery yields: series, and the window of each step.
struct RangeVector {
    var series: [RangeSeries]
    /// Milliseconds.
    var range: Int64
    var shift: TimeShift
    var edges: WindowEdges
    /// Milliseconds; how much farther windows reach that are not plain.
    var lookback: Int64

    /// The samples of a window, with synthetic ones at the edges if these are not plain.
    func windowContents(of series: RangeSeries, at time: Int64) -> ([Int64], [Double]) {
        let end = shift.reference(at: time)
        let start = end.saturatingSubtract(range)
        return series.timestamps.withUnsafeBufferPointer { times in
            series.values.withUnsafeBufferPointer { values in
                let bounds = bounds(from: start, to: end)
                let lower = times.firstIndex(after: bounds.after)
                let upper = times.firstIndex(after: bounds.through)
                let window = Window(
                    timestamps: UnsafeBufferPointer(rebasing: times[lower..<upper]),
                    values: UnsafeBufferPointer(rebasing: values[lower..<upper]),
                    firstIndex: lower,
                    start: start,
                    end: end,
                    step: 0
                )
                guard edges != .plain else {
                    return (Array(window.timestamps), Array(window.values))
                }
                let extended = ExtendedWindow(window, isSmoothed: edges == .smoothed)
                return extended?.contents() ?? ([], [])
            }
        }
    }

    /// The times, exclusive and inclusive, whose samples matter for a window.
    func bounds(from start: Int64, to end: Int64) -> (after: Int64, through: Int64) {
        switch edges {
        case .plain: (start, end)
        case .anchored: (start.saturatingSubtract(lookback), end)
        case .smoothed: (start.saturatingSubtract(lookback), end.saturatingAdd(lookback))
        }
    }
}

/// The samples of one series that a range function sees at one step.
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
