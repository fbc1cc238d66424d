/// An expression in parentheses.
public struct Parenthesized: Sendable {
    public var expression: Expression
    public var sourceRange: SourceRange

    public init(expression: Expression, sourceRange: SourceRange) {
        self.expression = expression
        self.sourceRange = sourceRange
    }
}
