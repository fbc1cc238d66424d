/// Replaces what depends on the query's times: duration expressions, `@ start()` and `@ end()`.
struct DurationResolver {
    private let parameters: QueryParameters
    private let arithmetic: DurationArithmetic

    init(parameters: QueryParameters) {
        self.parameters = parameters
        arithmetic = DurationArithmetic(parameters)
    }

    /// - Throws: ``EvaluationError/invalidQuery(message:)`` when a duration has no value, or one that is
    ///   not allowed where it stands.
    func resolve(_ expression: Expression) throws(EvaluationError) -> Expression {
        // Each kind is taken apart in a function of its own, which keeps the stack small.
        switch expression {
        case .number, .string: expression
        case .vectorSelector, .matrixSelector: try resolveSelector(expression)
        case .subquery: try resolveSubquery(expression)
        case .call: try resolveCall(expression)
        case .aggregation: try resolveAggregation(expression)
        case .binary: try resolveBinary(expression)
        case .unary, .parenthesized: try resolveWrapper(expression)
        }
    }

    private func resolveSelector(_ expression: Expression) throws(EvaluationError) -> Expression {
        switch expression {
        case .vectorSelector(var node):
            try resolve(&node.shift)
            return .vectorSelector(node)
        case .matrixSelector(var node):
            try resolve(&node.range, &node.rangeExpression)
            try resolve(&node.selector.shift)
            return .matrixSelector(node)
        default: return expression
        }
    }

    private func resolveSubquery(_ expression: Expression) throws(EvaluationError) -> Expression {
        guard case .subquery(var node) = expression else { return expression }
        try resolve(&node.shift)
        try resolve(&node.step, &node.stepExpression)
        try resolve(&node.range, &node.rangeExpression)
        node.expression = try resolve(node.expression)
        return .subquery(node)
    }

    private func resolveCall(_ expression: Expression) throws(EvaluationError) -> Expression {
        guard case .call(var node) = expression else { return expression }
        for index in node.arguments.indices {
            node.arguments[index] = try resolve(node.arguments[index])
        }
        return .call(node)
    }

    private func resolveAggregation(
        _ expression: Expression
    ) throws(EvaluationError) -> Expression {
        guard case .aggregation(var node) = expression else { return expression }
        node.expression = try resolve(node.expression)
        if let parameter = node.parameter { node.parameter = try resolve(parameter) }
        return .aggregation(node)
    }

    private func resolveBinary(_ expression: Expression) throws(EvaluationError) -> Expression {
        guard case .binary(var node) = expression else { return expression }
        node.left = try resolve(node.left)
        node.right = try resolve(node.right)
        return .binary(node)
    }

    private func resolveWrapper(_ expression: Expression) throws(EvaluationError) -> Expression {
        switch expression {
        case .unary(var node):
            node.operand = try resolve(node.operand)
            return .unary(node)
        case .parenthesized(var node):
            node.expression = try resolve(node.expression)
            return .parenthesized(node)
        default: return expression
        }
    }

    private func resolve(_ shift: inout TimeShift) throws(EvaluationError) {
        switch shift.at {
        case .start: shift.at = .timestamp(parameters.start)
        case .end: shift.at = .timestamp(parameters.end)
        case .timestamp, nil: break
        }
        guard let expression = shift.offsetExpression else { return }
        shift.offset = try arithmetic.milliseconds(expression, allowsNegative: true)
        shift.offsetExpression = nil
    }

    /// Resolves a range or step.
    private func resolve(
        _ value: inout Int64,
        _ expression: inout DurationExpression?
    ) throws(EvaluationError) {
        guard let duration = expression else { return }
        value = try arithmetic.milliseconds(duration, allowsNegative: false)
        expression = nil
    }
}
