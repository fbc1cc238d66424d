internal import MetricsModel

/// One running evaluation: the walk over the syntax tree and what it collects.
///
/// Every node is evaluated for all steps of a grid at once.
final class Evaluation {
    let plan: QueryPlan
    /// For each of the plan's selectors its series.
    let sources: [any SeriesSource]
    let control: EvaluationControl
    let workers: any EvaluationWorkers
    var annotations = Annotations()
    let budget: SampleBudget
    /// See ``QueryStatistics``.
    var samplesProcessed = 0
    var samplesRead = 0
    /// The same by step of the query; nil while other steps are evaluated, and where nobody asks.
    var stepCounts: StepCounts?
    /// Where the work of nodes is recorded; nil where nobody asks.
    let recorder: WorkRecorder?
    /// The time that sorting the result took.
    var resultSort = Duration.zero

    init(
        plan: QueryPlan,
        sources: [any SeriesSource],
        control: EvaluationControl,
        workers: any EvaluationWorkers
    ) {
        self.plan = plan
        self.sources = sources
        self.control = control
        self.workers = workers
        budget = SampleBudget(limit: plan.parameters.maxSamples, memory: control.memory)
        let now = control.now ?? { .zero }
        recorder = control.recording.contains(.nodes) ? WorkRecorder(now: now) : nil
    }

    var parameters: QueryParameters { plan.parameters }

    var delaysNameRemoval: Bool { parameters.features.contains(.delayedNameRemoval) }

    /// An instant vector at all steps.
    func vector(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        if grid.count > 1, expression.isStepInvariant {
            let columns = try once(for: grid) { () throws(EvaluationError) in
                try vector(expression, grid.first)
            }
            return try repeating(columns, grid)
        }
        try control.check()
        let mark = budget.current
        recorder?.begin(expression, self)
        let columns = try vectorNode(expression, grid)
        recorder?.end(elementCount: columns.count, self)
        let size = columns.reduce(0) { $0 + $1.values.count }
        budget.release(to: mark)
        try budget.charge(size)
        return columns
    }

    private func vectorNode(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        switch expression {
        case .aggregation(let node): return try aggregation(node, grid)
        case .parenthesized(let node): return try vector(node.expression, grid)
        case .binary(let node)
        where node.left.valueType == .vector && node.right.valueType == .vector:
            return try vectorOperation(node, grid)
        case .vectorSelector, .call, .unary, .binary:
            let stream = try stream(expression, grid)
            if let list = stream as? ListStream { return list.columns }
            return try collect(stream, grid)
        case .number, .string, .matrixSelector, .subquery:
            preconditionFailure("not an instant vector: \(expression.valueType)")
        }
    }

    /// The value of a scalar at each step.
    func scalar(_ expression: Expression, _ grid: StepGrid) throws(EvaluationError) -> [Double] {
        if grid.count > 1, expression.isStepInvariant {
            let value = try once(for: grid) { () throws(EvaluationError) in
                try scalar(expression, grid.first)[0]
            }
            try budget.charge(grid.count - 1)
            return [Double](repeating: value, count: grid.count)
        }
        let mark = budget.current
        try budget.charge(grid.count)
        let values = try scalarNode(expression, grid)
        budget.release(to: mark)
        try budget.charge(grid.count)
        return values
    }

    private func scalarNode(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [Double] {
        switch expression {
        case .number(let node): return [Double](repeating: node.value, count: grid.count)
        case .parenthesized(let node): return try scalar(node.expression, grid)
        case .unary(let node):
            let values = try scalar(node.operand, grid)
            return node.isNegation ? values.map { $0.negated } : values
        case .binary(let node): return try scalarOperation(node, grid)
        case .call(let node): return try scalarCall(node, grid)
        case .string, .vectorSelector, .matrixSelector, .subquery, .aggregation:
            preconditionFailure("not a scalar: \(expression.valueType)")
        }
    }

    /// The text of a string expression, which is a literal.
    func string(_ expression: Expression) -> String {
        guard case .string(let literal) = expression.withoutParentheses else {
            preconditionFailure("not a string: \(expression.valueType)")
        }
        return literal.value
    }

    /// Gives the only value of each column to all steps of a grid.
    private func repeating(
        _ columns: [SeriesColumn],
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        var columns = columns
        for index in columns.indices {
            try budget.charge(grid.count - 1)
            columns[index].values = [Double](
                repeating: columns[index].values[0],
                count: grid.count
            )
            if let histogram = columns[index].histograms.first {
                columns[index].histograms = [Histogram?](repeating: histogram, count: grid.count)
            }
        }
        return columns
    }
}

extension Double {
    /// The value with the other sign; NaN becomes the ordinary NaN, never the absent mark.
    var negated: Double { isNaN ? .nan : -self }
}
