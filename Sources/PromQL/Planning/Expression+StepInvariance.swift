extension Expression {
    /// Whether the value is the same at every step, because all selectors have an `@`.
    var isStepInvariant: Bool {
        switch self {
        case .number, .string: true
        case .vectorSelector(let node): node.shift.at != nil
        case .matrixSelector(let node): node.selector.shift.at != nil
        // Without its own `@` the number of inner evaluations may differ from step to step.
        case .subquery(let node): node.shift.at != nil
        case .parenthesized(let node): node.expression.isStepInvariant
        case .unary(let node): node.operand.isStepInvariant
        case .binary(let node): node.left.isStepInvariant && node.right.isStepInvariant
        case .aggregation(let node):
            node.expression.isStepInvariant && (node.parameter?.isStepInvariant ?? true)
        case .call(let node): node.isStepInvariant
        }
    }

    /// The expression without the parentheses around it.
    var withoutParentheses: Expression {
        var expression = self
        while case .parenthesized(let node) = expression { expression = node.expression }
        return expression
    }
}

extension Call {
    fileprivate var isStepInvariant: Bool {
        guard arguments.allSatisfy(\.isStepInvariant) else { return false }
        switch function {
        case .time, .predictLinear, .daysInMonth, .dayOfMonth, .dayOfWeek, .dayOfYear, .hour,
            .minute, .month, .year, .start, .end, .step, .range:
            return false
        case .timestamp, .startTimestamp:
            if case .vectorSelector = arguments[0].withoutParentheses { return true }
            return false
        default:
            return true
        }
    }
}
