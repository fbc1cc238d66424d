import Glibc

/// Replaces duration expressions by their values for the times of one query.
struct DurationArithmetic {
    /// The step of the query in seconds; 0 for instant queries.
    let stepSeconds: Double
    /// The end of the query less its start, in seconds.
    let rangeSeconds: Double

    func resolve(_ expression: Expression) throws(DurationError) -> Expression {
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

    private func resolveSelector(_ expression: Expression) throws(DurationError) -> Expression {
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

    private func resolveSubquery(_ expression: Expression) throws(DurationError) -> Expression {
        guard case .subquery(var node) = expression else { return expression }
        try resolve(&node.range, &node.rangeExpression)
        try resolve(&node.step, &node.stepExpression)
        try resolve(&node.shift)
        node.expression = try resolve(node.expression)
        return .subquery(node)
    }

    private func resolveCall(_ expression: Expression) throws(DurationError) -> Expression {
        guard case .call(var node) = expression else { return expression }
        for index in node.arguments.indices {
            node.arguments[index] = try resolve(node.arguments[index])
        }
        return .call(node)
    }

    private func resolveAggregation(
        _ expression: Expression
    ) throws(DurationError) -> Expression {
        guard case .aggregation(var node) = expression else { return expression }
        node.expression = try resolve(node.expression)
        if let parameter = node.parameter { node.parameter = try resolve(parameter) }
        return .aggregation(node)
    }

    private func resolveBinary(_ expression: Expression) throws(DurationError) -> Expression {
        guard case .binary(var node) = expression else { return expression }
        node.left = try resolve(node.left)
        node.right = try resolve(node.right)
        return .binary(node)
    }

    private func resolveWrapper(_ expression: Expression) throws(DurationError) -> Expression {
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

    private func resolve(_ shift: inout TimeShift) throws(DurationError) {
        guard let expression = shift.offsetExpression else { return }
        shift.offset = try milliseconds(expression)
        shift.offsetExpression = nil
    }

    /// Resolves a range or step, which must be greater than 0.
    private func resolve(
        _ value: inout Int64,
        _ expression: inout DurationExpression?
    ) throws(DurationError) {
        guard let duration = expression else { return }
        value = try milliseconds(duration)
        guard value > 0 else {
            throw DurationError(reason: .notPositive, sourceRange: duration.sourceRange)
        }
        expression = nil
    }

    private func milliseconds(_ expression: DurationExpression) throws(DurationError) -> Int64 {
        let seconds = try seconds(expression)
        guard seconds.isFinite else {
            throw DurationError(reason: .notFinite, sourceRange: expression.sourceRange)
        }
        guard DurationValue.isInRange(seconds) else {
            throw DurationError(reason: .outOfRange, sourceRange: expression.sourceRange)
        }
        return Int64(seconds * 1000)
    }

    private func seconds(_ expression: DurationExpression) throws(DurationError) -> Double {
        guard case .operation(let node) = expression else { return literal(expression) }
        let left = if let operand = node.left { try seconds(operand) } else { 0.0 }
        let right = if let operand = node.right { try seconds(operand) } else { 0.0 }
        return try apply(node, left, right)
    }

    private func literal(_ expression: DurationExpression) -> Double {
        if case .number(let literal) = expression { literal.value } else { 0 }
    }

    private func apply(
        _ node: DurationOperation,
        _ left: Double,
        _ right: Double
    ) throws(DurationError) -> Double {
        switch node.operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide:
            if right == 0 {
                throw DurationError(reason: .divisionByZero, sourceRange: node.sourceRange)
            }
            return left / right
        case .modulo:
            if right == 0 {
                throw DurationError(reason: .moduloByZero, sourceRange: node.sourceRange)
            }
            return fmod(left, right)
        case .power: return pow(left, right)
        case .step: return stepSeconds
        case .range: return rangeSeconds
        // A NaN operand gives NaN, which is refused in the end.
        case .minimum: return left.isNaN || left < right ? left : right
        case .maximum: return left.isNaN || left > right ? left : right
        }
    }
}

extension Expression {
    /// The expression with concrete ranges, steps and offsets instead of duration expressions.
    ///
    /// - Parameters:
    ///   - start: The start of the query in milliseconds since the epoch.
    ///   - end: The end of the query; the same as `start` for instant queries.
    ///   - step: The step of the query in milliseconds; 0 for instant queries.
    /// - Throws: when a duration has no value, or one that is not allowed where it stands.
    public func resolveDurations(
        start: Int64,
        end: Int64,
        step: Int64
    ) throws(DurationError) -> Expression {
        let arithmetic = DurationArithmetic(
            stepSeconds: Double(step) / 1000,
            rangeSeconds: (Double(end) - Double(start)) / 1000
        )
        return try arithmetic.resolve(self)
    }
}
