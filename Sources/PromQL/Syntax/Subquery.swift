/// An expression evaluated at many times, which makes a range vector of its results.
public struct Subquery: Sendable {
    public var expression: Expression
    /// Length of the window in milliseconds, greater than 0.
    ///
    /// Not meaningful while ``rangeExpression`` is set: resolve durations first.
    public var range: Int64
    public var rangeExpression: DurationExpression?
    /// Milliseconds between evaluations; 0 stands for the server's default interval.
    ///
    /// Not meaningful while ``stepExpression`` is set: resolve durations first.
    public var step: Int64
    public var stepExpression: DurationExpression?
    public var shift: TimeShift
    public var sourceRange: SourceRange

    public init(
        expression: Expression,
        range: Int64,
        rangeExpression: DurationExpression? = nil,
        step: Int64 = 0,
        stepExpression: DurationExpression? = nil,
        shift: TimeShift = TimeShift(),
        sourceRange: SourceRange
    ) {
        self.expression = expression
        self.range = range
        self.rangeExpression = rangeExpression
        self.step = step
        self.stepExpression = stepExpression
        self.shift = shift
        self.sourceRange = sourceRange
    }
}
