/// A selector with a range: for each step, the samples of a window.
public struct MatrixSelector: Sendable {
    /// What is selected, with `offset`, `@` and the treatment of the window's edges.
    public var selector: VectorSelector
    /// Length of the window in milliseconds, greater than 0.
    ///
    /// Not meaningful while ``rangeExpression`` is set: resolve durations first.
    public var range: Int64
    /// The range as an expression that depends on the query's times, until it is resolved.
    public var rangeExpression: DurationExpression?
    /// From the selector's first byte to behind its last modifier.
    public var sourceRange: SourceRange

    public init(
        selector: VectorSelector,
        range: Int64,
        rangeExpression: DurationExpression? = nil,
        sourceRange: SourceRange
    ) {
        self.selector = selector
        self.range = range
        self.rangeExpression = rangeExpression
        self.sourceRange = sourceRange
    }
}
