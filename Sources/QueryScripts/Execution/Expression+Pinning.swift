internal import PromQL

extension Expression {
    /// Whether `@` on all selectors makes the result independent of the evaluation time.
    var allowsPinning: Bool {
        switch self {
        case .number, .string, .vectorSelector, .matrixSelector: return true
        case .subquery(let node): return node.expression.allowsPinning
        case .parenthesized(let node): return node.expression.allowsPinning
        case .unary(let node): return node.operand.allowsPinning
        case .binary(let node): return node.left.allowsPinning && node.right.allowsPinning
        case .aggregation(let node):
            return node.expression.allowsPinning && (node.parameter?.allowsPinning ?? true)
        case .call(let node):
            switch node.function {
            case .time, .timestamp, .predictLinear, .daysInMonth, .dayOfMonth, .dayOfWeek,
                .dayOfYear, .hour, .minute, .month, .year, .start, .end, .step, .range:
                return false
            default: return node.arguments.allSatisfy(\.allowsPinning)
            }
        }
    }

    /// Puts `@` on all selectors and subqueries that have none.
    func pinned(at time: Int64) -> Expression {
        switch self {
        case .number, .string: return self
        case .vectorSelector(var node):
            if node.shift.at == nil { node.shift.at = .timestamp(time) }
            return .vectorSelector(node)
        case .matrixSelector(var node):
            if node.selector.shift.at == nil { node.selector.shift.at = .timestamp(time) }
            return .matrixSelector(node)
        case .subquery(var node):
            // What is inside is relative to the subquery's times.
            if node.shift.at == nil { node.shift.at = .timestamp(time) }
            return .subquery(node)
        case .parenthesized(var node):
            node.expression = node.expression.pinned(at: time)
            return .parenthesized(node)
        case .unary(var node):
            node.operand = node.operand.pinned(at: time)
            return .unary(node)
        case .binary(var node):
            node.left = node.left.pinned(at: time)
            node.right = node.right.pinned(at: time)
            return .binary(node)
        case .aggregation(var node):
            node.expression = node.expression.pinned(at: time)
            node.parameter = node.parameter?.pinned(at: time)
            return .aggregation(node)
        case .call(var node):
            node.arguments = node.arguments.map { $0.pinned(at: time) }
            return .call(node)
        }
    }
}
