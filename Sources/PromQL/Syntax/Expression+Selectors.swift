public import MetricsModel

extension Expression {
    /// The matchers of every selector in it, in the order in which they are written.
    public var selectors: [[LabelMatcher]] {
        switch self {
        case .number, .string: []
        case .vectorSelector(let node): [node.matchers]
        case .matrixSelector(let node): [node.selector.matchers]
        case .subquery(let node): node.expression.selectors
        case .call(let node): node.arguments.flatMap(\.selectors)
        case .aggregation(let node):
            (node.parameter?.selectors ?? []) + node.expression.selectors
        case .binary(let node): node.left.selectors + node.right.selectors
        case .unary(let node): node.operand.selectors
        case .parenthesized(let node): node.expression.selectors
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
