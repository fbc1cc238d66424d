internal import MetricsModel

extension Evaluation {
    /// Evaluates the whole query.
    func result() throws(EvaluationError) -> QueryResult.Value {
        let grid = StepGrid(parameters)
        if control.recording.contains(.steps), grid.count <= budget.limit, grid.count > 1 {
            stepCounts = StepCounts(stepCount: grid.count)
        }
        // Even without data, every step costs time.
        guard grid.count <= budget.limit else { throw .tooManySamples(limit: budget.limit) }
        let expression = plan.expression
        switch expression.valueType {
        case .string:
            return .string(timestamp: parameters.start, text: string(expression))
        case .scalar:
            let values = try scalar(expression, grid)
            if parameters.isInstant {
                return .scalar(timestamp: parameters.start, value: values[0])
            }
            let times = (0..<grid.count).map(grid.time)
            return .matrix([
                QueryResult.ResultSeries(labels: .empty, timestamps: times, values: values)
            ])
        case .vector:
            let columns = try finished(try vector(expression, grid))
            return parameters.isInstant
                ? try elements(ordered(columns, by: expression)) : try matrix(columns, grid)
        case .matrix:
            recorder?.begin(expression.withoutParentheses, self)
            let series = try rangeResult(expression, grid)
            recorder?.end(elementCount: series.count, self)
            return .matrix(series)
        }
    }

    /// Removes names that were only kept until the end.
    private func finished(_ columns: [SeriesColumn]) throws(EvaluationError) -> [SeriesColumn] {
        guard columns.contains(where: \.dropsName) else { return columns }
        return try merged(
            try control.compactMap(columns) { column in
                guard column.dropsName else { return column }
                var column = column
                column.labels = column.labels.dropping(.reserved)
                return column
            }
        )
    }

    /// The order that the query asks for; otherwise that of labels.
    private func ordered(
        _ columns: [SeriesColumn],
        by expression: Expression
    ) throws(EvaluationError) -> [SeriesColumn] {
        switch expression.withoutParentheses {
        case .call(let call):
            switch call.function {
            case .sort, .sortDesc, .sortByLabel, .sortByLabelDesc: return columns
            default: break
            }
        case .aggregation(let node) where node.operation == .topK || node.operation == .bottomK:
            return columns
        default: break
        }
        return try control.sorted(columns) { $0.labels < $1.labels }
    }

    private func elements(
        _ columns: [SeriesColumn]
    ) throws(EvaluationError) -> QueryResult.Value {
        .vector(
            try control.compactMap(columns) { column in
                column.sample(at: 0).map {
                    QueryResult.VectorElement(
                        labels: column.labels,
                        timestamp: parameters.start,
                        value: $0
                    )
                }
            }
        )
    }

    private func matrix(
        _ columns: [SeriesColumn],
        _ grid: StepGrid
    ) throws(EvaluationError) -> QueryResult.Value {
        var stop = StopCheck(control)
        var series: [QueryResult.ResultSeries] = []
        series.reserveCapacity(columns.count)
        for column in columns {
            try stop.count(column.values.count)
            var timestamps: [Int64] = []
            var values: [Double] = []
            timestamps.reserveCapacity(column.values.count)
            values.reserveCapacity(column.values.count)
            for (step, value) in zip(column.steps, column.values) where !value.isAbsent {
                timestamps.append(grid.time(step))
                values.append(value)
            }
            var histograms = HistogramColumns()
            for (step, histogram) in zip(column.steps, column.histograms) {
                guard let histogram else { continue }
                histograms.timestamps.append(grid.time(step))
                histograms.values.append(histogram)
            }
            series.append(
                QueryResult.ResultSeries(
                    labels: column.labels,
                    timestamps: timestamps,
                    values: values,
                    histograms: histograms
                )
            )
        }
        return .matrix(try sorted(series))
    }

    private func sorted(
        _ series: [QueryResult.ResultSeries]
    ) throws(EvaluationError) -> [QueryResult.ResultSeries] {
        let start = control.now?() ?? .zero
        defer { resultSort = (control.now?() ?? .zero) - start }
        return try control.sorted(series) { $0.labels < $1.labels }
    }

    /// The samples in the window of a range vector, for instant queries.
    private func rangeResult(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [QueryResult.ResultSeries] {
        let input = try rangeInput(expression, grid)
        let memory = EvaluationMemory(stepCount: 1, control)
        var result: [QueryResult.ResultSeries] = []
        for index in 0..<input.source.count {
            try control.check()
            try memory.read(index, of: input.source)
            memory.samples.removeMarkers()
            let window = try input.windows.contents(of: memory.samples, at: 0)
            guard !window.isEmpty else { continue }
            try budget.charge(window.budget)
            samplesProcessed += window.count
            let labels = input.source.labels(at: index)
            result.append(
                QueryResult.ResultSeries(
                    labels: input.dropsName(at: index) ? labels.dropping(.reserved) : labels,
                    timestamps: window.timestamps,
                    values: window.values,
                    histograms: window.histograms
                )
            )
        }
        samplesRead += memory.samplesRead
        guard Set(result.map(\.labels)).count == result.count else { throw .duplicateLabels }
        return try sorted(result)
    }
}
