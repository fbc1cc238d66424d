internal import MetricsModel

/// One running evaluation: the walk over the syntax tree and what it collects.
///
/// Every node is evaluated for all steps of a grid at once.
final class Evaluation {
    let plan: QueryPlan
    let data: [[SeriesSamples]]
    let control: EvaluationControl
    var annotations = Annotations()
    var budget: SampleBudget
    var samplesProcessed = 0

    init(plan: QueryPlan, data: [[SeriesSamples]], control: EvaluationControl) {
        self.plan = plan
        self.data = data
        self.control = control
        budget = SampleBudget(limit: plan.parameters.maxSamples)
    }

    var parameters: QueryParameters { plan.parameters }

    var delaysNameRemoval: Bool { parameters.features.contains(.delayedNameRemoval) }

    /// An instant vector at all steps.
    func vector(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        if grid.count > 1, expression.isStepInvariant {
            let columns = try vector(expression, grid.first)
            return try repeating(columns, grid)
        }
        try control.check()
        let mark = budget.current
        let columns = try vectorNode(expression, grid)
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
        case .vectorSelector(let node): try instantSelector(node, grid)
        case .call(let node): try vectorCall(node, grid)
        case .aggregation(let node): try aggregation(node, grid)
        case .binary(let node): try vectorOperation(node, grid)
        case .unary(let node): try negation(node, grid)
        case .parenthesized(let node): try vector(node.expression, grid)
        case .number, .string, .matrixSelector, .subquery:
            preconditionFailure("not an instant vector: \(expression.valueType)")
        }
    }

    /// The value of a scalar at each step.
    func scalar(_ expression: Expression, _ grid: StepGrid) throws(EvaluationError) -> [Double] {
        if grid.count > 1, expression.isStepInvariant {
            let value = try scalar(expression, grid.first)[0]
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
        }
        return columns
    }

    private func negation(
        _ node: UnaryOperation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        let columns = try vector(node.operand, grid)
        guard node.isNegation else { return columns }
        return try droppingName(columns.mapValues { $0.negated })
    }
}

extension Double {
    /// The value with the other sign; NaN becomes the ordinary NaN, never the absent mark.
    var negated: Double { isNaN ? .nan : -self }
}

extension [SeriesColumn] {
    /// Applies a function to each value.
    ///
    /// It must not return the absent mark.
    func mapValues(_ body: (Double) -> Double) -> [SeriesColumn] {
        map { column in
            var column = column
            for index in column.values.indices where !column.values[index].isAbsent {
                column.values[index] = body(column.values[index])
            }
            return column
        }
    }
}
