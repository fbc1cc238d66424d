extension Expression {
    /// Whether any part of it selects series.
    public var hasSelector: Bool {
        switch self {
        case .number, .string: false
        case .vectorSelector, .matrixSelector: true
        case .subquery(let node): node.expression.hasSelector
        case .call(let node): node.arguments.contains(where: \.hasSelector)
        case .aggregation(let node):
            node.expression.hasSelector || node.parameter?.hasSelector == true
        case .binary(let node): node.left.hasSelector || node.right.hasSelector
        case .unary(let node): node.operand.hasSelector
        case .parenthesized(let node): node.expression.hasSelector
        }
    }

    /// Whether any part of it is evaluated at steps of its own.
    public var hasSubquery: Bool {
        switch self {
        case .number, .string, .vectorSelector, .matrixSelector: false
        case .subquery: true
        case .call(let node): node.arguments.contains(where: \.hasSubquery)
        case .aggregation(let node):
            node.expression.hasSubquery || node.parameter?.hasSubquery == true
        case .binary(let node): node.left.hasSubquery || node.right.hasSubquery
        case .unary(let node): node.operand.hasSubquery
        case .parenthesized(let node): node.expression.hasSubquery
        }
    }
}
