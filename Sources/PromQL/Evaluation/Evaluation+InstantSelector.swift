internal import MetricsModel

extension Evaluation {
    /// The samples an instant selector sees at each step.
    func instantSelector(
        _ selector: VectorSelector,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        try selected(selector, grid) { _, value in value }
    }

    /// The times, in seconds, of the samples an instant selector sees at each step.
    func selectedTimes(
        _ selector: VectorSelector,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        try selected(selector, grid) { time, _ in Double(time) / 1000 }
    }

    private func selected(
        _ selector: VectorSelector,
        _ grid: StepGrid,
        _ result: (_ time: Int64, _ value: Double) -> Double
    ) throws(EvaluationError) -> [SeriesColumn] {
        guard let index = plan.selectorIndex[selector.sourceRange] else {
            preconditionFailure("selector at \(selector.sourceRange) was not planned")
        }
        return try selected(
            data[index],
            shift: selector.shift,
            isSmoothed: selector.edges == .smoothed,
            grid,
            result
        )
    }

    /// Looks up one sample per step in each series.
    func selected(
        _ series: [SeriesSamples],
        shift: TimeShift,
        isSmoothed: Bool,
        _ grid: StepGrid,
        _ result: (_ time: Int64, _ value: Double) -> Double
    ) throws(EvaluationError) -> [SeriesColumn] {
        var columns: [SeriesColumn] = []
        columns.reserveCapacity(series.count)
        for samples in series {
            try control.check()
            let builder =
                isSmoothed
                ? smoothed(samples, shift, grid)
                : newest(samples, shift, grid, result)
            guard let column = builder.column(samples.labels, dropsName: false) else { continue }
            try budget.charge(column.values.count)
            samplesProcessed += column.values.count
            columns.append(column)
        }
        return columns
    }

    /// The newest sample that is not older than the lookback, unless it is a staleness marker.
    private func newest(
        _ samples: SeriesSamples,
        _ shift: TimeShift,
        _ grid: StepGrid,
        _ result: (_ time: Int64, _ value: Double) -> Double
    ) -> ColumnBuilder {
        var builder = ColumnBuilder()
        let lookback = parameters.lookbackDelta
        samples.samples.timestamps.withUnsafeBufferPointer { times in
            samples.samples.values.withUnsafeBufferPointer { values in
                var next = times.firstIndex(after: shift.reference(at: grid.start))
                for step in 0..<grid.count {
                    let reference = shift.reference(at: grid.time(step))
                    while next < times.count, times[next] <= reference { next += 1 }
                    guard next > 0 else { continue }
                    let time = times[next - 1]
                    if time > reference.saturatingSubtract(lookback) {
                        let value = values[next - 1]
                        if !value.isAbsent { builder.append(result(time, value), at: step) }
                    } else if next == times.count {
                        return
                    }
                }
            }
        }
        return builder
    }

    /// The value at the step's time, interpolated between its neighbours within the lookback.
    private func smoothed(
        _ samples: SeriesSamples,
        _ shift: TimeShift,
        _ grid: StepGrid
    ) -> ColumnBuilder {
        var builder = ColumnBuilder()
        let series = RangeSeries(samples)
        let lookback = parameters.lookbackDelta
        for step in 0..<grid.count {
            let reference = shift.reference(at: grid.time(step))
            let lower = series.timestamps.withUnsafeBufferPointer {
                $0.firstIndex(after: reference.saturatingSubtract(lookback))
            }
            let upper = series.timestamps.withUnsafeBufferPointer {
                $0.firstIndex(after: reference)
            }
            guard upper > lower else { continue }
            let left = upper - 1
            let isExact = series.timestamps[left] == reference
            let hasRight =
                upper < series.timestamps.count
                && series.timestamps[upper] <= reference.saturatingAdd(lookback)
            guard !isExact, hasRight else {
                builder.append(series.values[left], at: step)
                continue
            }
            let line = Interpolation(
                leftTime: series.timestamps[left],
                leftValue: series.values[left],
                rightTime: series.timestamps[upper],
                rightValue: series.values[upper]
            )
            builder.append(line.value(at: reference, isCounter: false), at: step)
        }
        return builder
    }
}

extension UnsafeBufferPointer<Int64> {
    /// The first index whose time is after `time`, in ascending times.
    func firstIndex(after time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
