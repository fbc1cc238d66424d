internal import MetricsModel

extension Evaluation {
    /// 1 at each step at which a vector is empty.
    func absent(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let columns = try vector(call.arguments[0], grid)
        let labels: Labels =
            if case .vectorSelector(let selector) = call.arguments[0].withoutParentheses {
                Self.labels(impliedBy: selector.matchers)
            } else {
                .empty
            }
        return absence(of: columns, labels, grid)
    }

    /// 1 at each step at which no series has a sample in the window.
    func absentOverTime(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let argument = call.arguments[0]
        let input = try rangeInput(argument, grid)
        try checkEdges(input.windows.edges, call.function)
        let function = RangeFunction(
            function: .presentOverTime,
            parameters: [],
            argument: argument.sourceRange,
            firstArgument: argument.sourceRange,
            grid: grid,
            features: parameters.features
        )
        let stream = RangeFunctionStream(function, input, .keep, memory: control.memory)
        let columns = try collect(stream, grid)
        let labels: Labels =
            if case .matrixSelector(let node) = call.arguments[0].withoutParentheses {
                Self.labels(impliedBy: node.selector.matchers)
            } else {
                .empty
            }
        return absence(of: columns, labels, grid)
    }

    private func absence(
        of columns: [SeriesColumn],
        _ labels: Labels,
        _ grid: StepGrid
    ) -> [SeriesColumn] {
        var values = [Double](repeating: 1, count: grid.count)
        for column in columns {
            for step in column.steps where column.isPresent(at: step) { values[step] = .absent }
        }
        var builder = ColumnBuilder()
        for (step, value) in values.enumerated() { builder.append(value, at: step) }
        return builder.column(labels, dropsName: false).map { [$0] } ?? []
    }

    /// What the matchers say about the labels of a series that does not exist.
    ///
    /// The first equality on a label sets it; any further matcher on it makes it unknown.
    private static func labels(impliedBy matchers: [LabelMatcher]) -> Labels {
        var builder = LabelsBuilder()
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != Labels.metricName {
            if matcher.operation == .equal, seen.insert(matcher.name).inserted {
                builder.set(matcher.name, matcher.value)
            } else {
                builder.set(matcher.name, "")
            }
        }
        return builder.build()
    }
}
