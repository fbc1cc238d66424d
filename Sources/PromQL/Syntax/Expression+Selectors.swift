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
}
