/// Replaces arithmetic between number literals by its value, so that no step computes it again.
///
/// A folded number stands where the whole arithmetic stood: what annotations say of it keeps its place.
struct ConstantFolding {
    func fold(_ expression: Expression) -> Expression {
        // Each kind is taken apart in a function of its own, which keeps the stack small.
        switch expression {
        case .number, .string, .vectorSelector, .matrixSelector: expression
        case .subquery: foldSubquery(expression)
        case .call: foldCall(expression)
        case .aggregation: foldAggregation(expression)
        case .binary: foldBinary(expression)
        case .unary: foldUnary(expression)
        case .parenthesized: foldParentheses(expression)
        }
    }

    private func foldSubquery(_ expression: Expression) -> Expression {
        guard case .subquery(var node) = expression else { return expression }
        node.expression = fold(node.expression)
        return .subquery(node)
    }

    private func foldCall(_ expression: Expression) -> Expression {
        guard case .call(var node) = expression else { return expression }
        for index in node.arguments.indices { node.arguments[index] = fold(node.arguments[index]) }
        return .call(node)
    }

    private func foldAggregation(_ expression: Expression) -> Expression {
        guard case .aggregation(var node) = expression else { return expression }
        node.expression = fold(node.expression)
        if let parameter = node.parameter { node.parameter = fold(parameter) }
        return .aggregation(node)
    }

    private func foldBinary(_ expression: Expression) -> Expression {
        guard case .binary(var node) = expression else { return expression }
        node.left = fold(node.left)
        node.right = fold(node.right)
        // Trim operators have no value for scalars; the evaluation says so.
        guard case .number(let left) = node.left, case .number(let right) = node.right,
            !node.operation.isTrim
        else { return .binary(node) }
        return number(node.operation.apply(left.value, right.value), at: node.sourceRange)
    }

    private func foldUnary(_ expression: Expression) -> Expression {
        guard case .unary(var node) = expression else { return expression }
        node.operand = fold(node.operand)
        guard case .number(let literal) = node.operand else { return .unary(node) }
        let value = node.isNegation ? literal.value.negated : literal.value
        return number(value, at: node.sourceRange)
    }

    private func foldParentheses(_ expression: Expression) -> Expression {
        guard case .parenthesized(var node) = expression else { return expression }
        node.expression = fold(node.expression)
        guard case .number(let literal) = node.expression else { return .parenthesized(node) }
        return number(literal.value, at: node.sourceRange)
    }

    private func number(_ value: Double, at position: SourceRange) -> Expression {
        .number(NumberLiteral(value: value, isDuration: false, sourceRange: position))
    }
}
