internal import MetricsModel

extension Evaluation {
    /// A call that returns an instant vector.
    func vectorCall(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        switch call.function {
        case .absentOverTime: return try absentOverTime(call, grid)
        case .absent: return try absent(call, grid)
        case .minute, .hour, .dayOfWeek, .dayOfMonth, .dayOfYear, .daysInMonth, .month, .year:
            let stream = try calendar(call, grid)
            if let list = stream as? ListStream { return list.columns }
            return try collect(stream, grid)
        case .vector:
            let values = try scalar(call.arguments[0], grid)
            return [SeriesColumn(labels: .empty, firstStep: 0, values: values)]
        case .sort, .sortDesc, .sortByLabel, .sortByLabelDesc: return try sort(call, grid)
        case .labelReplace: return try labelReplace(call, grid)
        case .labelJoin: return try labelJoin(call, grid)
        case .histogramQuantile, .histogramQuantiles, .histogramFraction:
            return try classicHistogram(call, grid)
        case .info: return try info(call, grid)
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

    func clamp(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> any ElementStream {
        let base = try stream(call.arguments[0], grid)
        let isMaximum = call.function == .clampMax
        let isMinimum = call.function == .clampMin
        let low =
            isMaximum ? constant(-.infinity, grid) : try scalar(call.arguments[1], grid)
        let high =
            isMinimum
            ? constant(.infinity, grid) : try scalar(call.arguments[isMaximum ? 1 : 2], grid)
        return try renamed(base, grid) { memory in
            memory.column.mapFloats { step, value in
                high[step] < low[step] ? .absent : ClampBounds.clamp(value, low[step], high[step])
            }
        }
    }

    func round(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> any ElementStream {
        let base = try stream(call.arguments[0], grid)
        let nearest =
            call.arguments.count > 1 ? try scalar(call.arguments[1], grid) : constant(1, grid)
        return try renamed(base, grid) { memory in
            memory.column.mapFloats { step, value in
                // Dividing by the inverse keeps decimal steps such as 0.1 exact.
                let inverse = 1 / nearest[step]
                return (value * inverse + 0.5).rounded(.down) / inverse
            }
        }
    }

    /// The times of samples, where the argument is a selector; otherwise those of the steps.
    func timestamp(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> any ElementStream {
        if case .vectorSelector(let selector) = call.arguments[0].withoutParentheses,
            selector.edges == .plain
        {
            let content: SelectorStream.Content =
                call.function == .timestamp ? .time : .startTime
            return try renamed(selectorStream(selector, grid, content), grid) { _ in }
        }
        let base = try stream(call.arguments[0], grid)
        let isKnown = call.function == .timestamp
        return try renamed(base, grid) { memory in
            guard isKnown else { return memory.column.removeAll() }
            memory.column.mapSamples { step, _ in .float(Double(grid.time(step)) / 1000) }
        }
    }

    private func calendar(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        let base: any ElementStream
        if call.arguments.isEmpty {
            let times = (0..<grid.count).map { Double(grid.time($0)) / 1000 }
            base = ListStream([SeriesColumn(labels: .empty, firstStep: 0, values: times)])
        } else {
            base = try stream(call.arguments[0], grid)
        }
        let function = call.function
        return try renamed(base, grid) { memory in
            memory.column.mapFloats { _, value in
                let date = CalendarDate(value)
                let part =
                    switch function {
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
        }
    }
}
