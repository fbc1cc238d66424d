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
}
