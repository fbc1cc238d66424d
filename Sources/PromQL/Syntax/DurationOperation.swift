/// One operation of a ``DurationExpression``.
public struct DurationOperation: Sendable {
    public var operation: Operator
    /// The left operand; absent for signs, `step()` and `range()`.
    public var left: DurationExpression?
    /// The right operand, or the operand of a sign; absent for `step()` and `range()`.
    public var right: DurationExpression?
    /// Whether it stands in parentheses of its own.
    public var isParenthesized: Bool
    public var sourceRange: SourceRange

    public init(
        operation: Operator,
        left: DurationExpression? = nil,
        right: DurationExpression? = nil,
        isParenthesized: Bool = false,
        sourceRange: SourceRange
    ) {
        self.operation = operation
        self.left = left
        self.right = right
        self.isParenthesized = isParenthesized
        self.sourceRange = sourceRange
    }

    /// The operations; raw values are their text.
    public enum Operator: String, Sendable, Hashable {
        /// Addition. Without a left operand it has no effect and is not printed: so a single number
        /// in parentheses is represented.
        case add = "+"
        /// Subtraction, or negation where there is no left operand.
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case power = "^"
        /// The query's step, 0 for instant queries.
        case step
        /// The query's end less its start.
        case range
        case minimum = "min_of"
        case maximum = "max_of"
    }
}
