internal import MetricsModel

extension Evaluation {
    /// The series of a range selector or subquery, and their windows.
    func rangeInput(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> RangeInput {
        switch expression.withoutParentheses {
        case .matrixSelector(let node):
            let source = source(of: node.selector.matchers, at: node.sourceRange)
            return RangeInput(
                source: source,
                hasOneName: source.hasOneName(node.selector.matchers),
                windows: WindowGrid(
                    grid: grid,
                    shift: node.selector.shift,
                    range: node.range,
                    edges: node.selector.edges,
                    lookback: parameters.lookbackDelta
                )
            )
        case .subquery(let node):
            let columns = try subqueryColumns(node, grid)
            let list = ListStream(columns)
            return RangeInput(
                source: ColumnSource(columns, subqueryGrid(node, grid) ?? grid.first),
                hasOneName: list.hasOneName,
                namesToDrop: columns.contains(where: \.dropsName) ? columns.map(\.dropsName) : [],
                windows: WindowGrid(
                    grid: grid,
                    shift: node.shift,
                    range: node.range,
                    edges: .plain,
                    lookback: 0
                )
            )
        default:
            preconditionFailure("not a range vector: \(expression.valueType)")
        }
    }

    /// The fetched series of a selector.
    func source(of matchers: [LabelMatcher], at position: SourceRange) -> any SeriesSource {
        guard let index = plan.selectorIndex[position] else {
            preconditionFailure("selector at \(position) was not planned")
        }
        guard plan.countedSelectors.contains(position) else { return sources[index] }
        return ComparedHistograms(source: sources[index], range: plan.selectors[index].range)
    }

    private func subqueryGrid(_ node: Subquery, _ grid: StepGrid) -> StepGrid? {
        node.innerGrid(over: grid, defaultStep: parameters.defaultSubqueryStep)
    }

    private func subqueryColumns(
        _ node: Subquery,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        guard let inner = subqueryGrid(node, grid) else { return [] }
        // Even without data, every inner step costs time.
        guard inner.count <= budget.limit else { throw .tooManySamples(limit: budget.limit) }
        return try withinSubquery { () throws(EvaluationError) in
            try vector(node.expression, inner)
        }
    }
}

extension SeriesSource {
    /// Whether all series have the same name, because it is asked for, and would differ without it.
    func hasOneName(_ matchers: [LabelMatcher]) -> Bool {
        let isNamed = matchers.contains { $0.name == Labels.metricName && $0.operation == .equal }
        return isNamed && !hasLabels(in: .metadata)
    }
}

/// The results of a subquery's expression as samples.
struct ColumnSource: SeriesSource {
    private let columns: [SeriesColumn]
    private let grid: StepGrid

    init(_ columns: [SeriesColumn], _ grid: StepGrid) {
        self.columns = columns
        self.grid = grid
    }

    var count: Int { columns.count }

    func labels(at index: Int) -> Labels { columns[index].labels }

    func read(_ index: Int, into samples: inout SampleColumns) {
        samples.removeAll()
        let column = columns[index]
        for (step, value) in zip(column.steps, column.values) where !value.isAbsent {
            samples.timestamps.append(grid.time(step))
            samples.values.append(value)
        }
        for (step, histogram) in zip(column.steps, column.histograms) {
            guard let histogram else { continue }
            samples.histograms.timestamps.append(grid.time(step))
            samples.histograms.values.append(histogram.withoutResetHint)
        }
    }
}

extension Histogram {
    /// The histogram without a hint about the sample before it, which was another one.
    fileprivate var withoutResetHint: Histogram {
        guard resetHint == .reset || resetHint == .notReset else { return self }
        var histogram = self
        histogram.resetHint = .unknown
        return histogram
    }
}
