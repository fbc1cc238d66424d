internal import MetricsModel

/// Computes the value of a range function for one window, or the absent mark.
typealias WindowFunction = (Window) -> Double

extension Evaluation {
    /// The series of a range selector or subquery.
    func rangeVector(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> RangeVector {
        switch expression.withoutParentheses {
        case .matrixSelector(let node):
            guard let index = plan.selectorIndex[node.sourceRange] else {
                preconditionFailure("selector at \(node.sourceRange) was not planned")
            }
            return RangeVector(
                series: data[index].map { RangeSeries($0) },
                range: node.range,
                shift: node.selector.shift,
                edges: node.selector.edges,
                lookback: parameters.lookbackDelta
            )
        case .subquery(let node):
            return RangeVector(
                series: try subquerySeries(node, grid),
                range: node.range,
                shift: node.shift,
                edges: .plain,
                lookback: 0
            )
        default:
            preconditionFailure("not a range vector: \(expression.valueType)")
        }
    }

    private func subquerySeries(
        _ node: Subquery,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [RangeSeries] {
        guard
            let inner = node.innerGrid(over: grid, defaultStep: parameters.defaultSubqueryStep)
        else { return [] }
        // Even without data, every inner step costs time.
        guard inner.count <= budget.limit else { throw .tooManySamples(limit: budget.limit) }
        return try vector(node.expression, inner).map { RangeSeries($0, inner) }
    }

    /// Moves a window over each series and collects what a function makes of it.
    ///
    /// - Parameter makeFunction: Called once per series; windows come in order of time.
    func overWindows(
        _ input: RangeVector,
        _ grid: StepGrid,
        _ makeFunction: (RangeSeries) -> WindowFunction
    ) throws(EvaluationError) -> [SeriesColumn] {
        var columns: [SeriesColumn] = []
        columns.reserveCapacity(input.series.count)
        for series in input.series where !series.values.isEmpty {
            try control.check()
            let builder = windows(of: series, in: input, grid, makeFunction(series))
            guard let column = builder.column(series.labels, dropsName: series.dropsName) else {
                continue
            }
            try budget.charge(column.values.count)
            columns.append(column)
        }
        return columns
    }

    private func windows(
        of series: RangeSeries,
        in input: RangeVector,
        _ grid: StepGrid,
        _ function: WindowFunction
    ) -> ColumnBuilder {
        var builder = ColumnBuilder()
        var processed = 0
        series.timestamps.withUnsafeBufferPointer { times in
            series.values.withUnsafeBufferPointer { values in
                var lower = 0
                var upper = 0
                for step in 0..<grid.count {
                    let end = input.shift.reference(at: grid.time(step))
                    let start = end.saturatingSubtract(input.range)
                    let bounds = input.bounds(from: start, to: end)
                    while lower < times.count, times[lower] <= bounds.after { lower += 1 }
                    upper = max(upper, lower)
                    while upper < times.count, times[upper] <= bounds.through { upper += 1 }
                    guard upper > lower else {
                        if lower == times.count { break }
                        continue
                    }
                    processed += upper - lower
                    let window = Window(
                        timestamps: UnsafeBufferPointer(rebasing: times[lower..<upper]),
                        values: UnsafeBufferPointer(rebasing: values[lower..<upper]),
                        firstIndex: lower,
                        start: start,
                        end: end,
                        step: step
                    )
                    builder.append(function(window), at: step)
                }
            }
        }
        samplesProcessed += processed
        return builder
    }
}
