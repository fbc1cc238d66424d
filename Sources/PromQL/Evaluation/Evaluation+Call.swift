internal import MetricsModel

extension Evaluation {
    /// A call that returns an instant vector.
    func vectorCall(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        if let function = ElementwiseFunction(call.function) {
            let columns = try vector(call.arguments[0], grid)
            return try droppingName(columns.mapValues(function.apply))
        }
        switch call.function {
        case .rate, .increase, .delta, .irate, .idelta, .changes, .resets, .deriv,
            .predictLinear, .quantileOverTime, .doubleExponentialSmoothing, .avgOverTime,
            .sumOverTime, .minOverTime, .maxOverTime, .countOverTime, .stddevOverTime,
            .stdvarOverTime, .madOverTime, .firstOverTime, .lastOverTime, .presentOverTime,
            .tsOfMinOverTime, .tsOfMaxOverTime, .tsOfFirstOverTime, .tsOfLastOverTime:
            return try rangeFunction(call, grid)
        case .absentOverTime: return try absentOverTime(call, grid)
        case .absent: return try absent(call, grid)
        case .clamp, .clampMin, .clampMax: return try clamp(call, grid)
        case .round: return try round(call, grid)
        case .timestamp: return try timestamp(call, grid)
        case .minute, .hour, .dayOfWeek, .dayOfMonth, .dayOfYear, .daysInMonth, .month, .year:
            return try calendar(call, grid)
        case .vector:
            let values = try scalar(call.arguments[0], grid)
            return [SeriesColumn(labels: .empty, firstStep: 0, values: values)]
        case .sort, .sortDesc, .sortByLabel, .sortByLabelDesc: return try sort(call, grid)
        case .labelReplace: return try labelReplace(call, grid)
        case .labelJoin: return try labelJoin(call, grid)
        case .histogramQuantile, .histogramQuantiles, .histogramFraction:
            return try classicHistogram(call, grid)
        case .histogramAvg, .histogramCount, .histogramSum, .histogramStddev, .histogramStdvar:
            // They ignore floats, and no sample is a native histogram. Failures inside count.
            _ = try vector(call.arguments[0], grid)
            return []
        case .info: return try info(call, grid)
        case .startTimestamp: throw .notImplemented(function: call.function.rawValue)
        default: preconditionFailure("no vector function: \(call.function.rawValue)")
        }
    }

    /// A call that returns a scalar.
    func scalarCall(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [Double] {
        switch call.function {
        case .time: return (0..<grid.count).map { Double(grid.time($0)) / 1000 }
        case .pi: return [Double](repeating: .pi, count: grid.count)
        case .scalar: return try onlyValue(of: call.arguments[0], grid)
        case .start: return constant(Double(parameters.start) / 1000, grid)
        case .end: return constant(Double(parameters.end) / 1000, grid)
        case .step: return constant(Double(parameters.step) / 1000, grid)
        case .range:
            return constant(
                Double(parameters.end.saturatingSubtract(parameters.start)) / 1000,
                grid
            )
        case .minOf, .maxOf:
            let left = try scalar(call.arguments[0], grid)
            let right = try scalar(call.arguments[1], grid)
            return zip(left, right).map {
                call.function == .minOf ? ClampBounds.minimum($0, $1) : ClampBounds.maximum($0, $1)
            }
        default: preconditionFailure("no scalar function: \(call.function.rawValue)")
        }
    }

    private func constant(_ value: Double, _ grid: StepGrid) -> [Double] {
        [Double](repeating: value, count: grid.count)
    }

    /// The value of a vector's only element at each step, otherwise NaN.
    private func onlyValue(
        of expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [Double] {
        var counts = [Int32](repeating: 0, count: grid.count)
        var values = [Double](repeating: .nan, count: grid.count)
        for column in try vector(expression, grid) {
            for (step, value) in zip(column.steps, column.values) where !value.isAbsent {
                counts[step] += 1
                values[step] = counts[step] == 1 ? value : .nan
            }
        }
        return values
    }

    private func clamp(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let columns = try vector(call.arguments[0], grid)
        var low = constant(-.infinity, grid)
        var high = constant(.infinity, grid)
        switch call.function {
        case .clampMin: low = try scalar(call.arguments[1], grid)
        case .clampMax: high = try scalar(call.arguments[1], grid)
        default:
            low = try scalar(call.arguments[1], grid)
            high = try scalar(call.arguments[2], grid)
        }
        return try droppingName(
            columns.mapSteps { step, value in
                high[step] < low[step] ? .absent : ClampBounds.clamp(value, low[step], high[step])
            }
        )
    }

    private func round(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let columns = try vector(call.arguments[0], grid)
        let nearest =
            call.arguments.count > 1 ? try scalar(call.arguments[1], grid) : constant(1, grid)
        return try droppingName(
            columns.mapSteps { step, value in
                // Dividing by the inverse keeps decimal steps such as 0.1 exact.
                let inverse = 1 / nearest[step]
                return (value * inverse + 0.5).rounded(.down) / inverse
            }
        )
    }

    private func timestamp(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        if case .vectorSelector(let selector) = call.arguments[0].withoutParentheses,
            selector.edges == .plain
        {
            return try droppingName(try selectedTimes(selector, grid))
        }
        let columns = try vector(call.arguments[0], grid)
        return try droppingName(
            columns.mapSteps { step, _ in Double(grid.time(step)) / 1000 }
        )
    }

    private func calendar(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        let columns: [SeriesColumn]
        if call.arguments.isEmpty {
            let times = (0..<grid.count).map { Double(grid.time($0)) / 1000 }
            columns = [SeriesColumn(labels: .empty, firstStep: 0, values: times)]
        } else {
            columns = try vector(call.arguments[0], grid)
        }
        return try droppingName(
            columns.mapValues { value in
                let date = CalendarDate(value)
                let part =
                    switch call.function {
                    case .minute: date.minute
                    case .hour: date.hour
                    case .dayOfWeek: date.dayOfWeek
                    case .dayOfMonth: date.day
                    case .dayOfYear: date.dayOfYear
                    case .daysInMonth: date.daysInMonth
                    case .month: date.month
                    default: date.year
                    }
                return Double(part)
            }
        )
    }
}

extension [SeriesColumn] {
    /// Applies a function to each value; the absent mark removes it.
    func mapSteps(_ body: (_ step: Int, _ value: Double) -> Double) -> [SeriesColumn] {
        compactMap { column in
            var builder = ColumnBuilder()
            for (step, value) in zip(column.steps, column.values) where !value.isAbsent {
                builder.append(body(step, value), at: step)
            }
            return builder.column(column.labels, dropsName: column.dropsName)
        }
    }
}
