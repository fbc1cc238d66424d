/// An aggregation of the elements of an instant vector by groups of labels.
public struct Aggregation: Sendable {
    public var operation: AggregationOperator
    /// What is aggregated, an instant vector.
    public var expression: Expression
    /// The first argument; present exactly if ``AggregationOperator/parameterType`` is not nil.
    public var parameter: Expression?
    /// The labels of the `by` or `without` clause, in the order written.
    public var grouping: [String]
    /// Whether ``grouping`` names the labels to drop instead of those to keep.
    public var isWithout: Bool
    public var sourceRange: SourceRange

    public init(
        operation: AggregationOperator,
        expression: Expression,
        parameter: Expression? = nil,
        grouping: [String] = [],
        isWithout: Bool = false,
        sourceRange: SourceRange
    ) {
        self.operation = operation
        self.expression = expression
        self.parameter = parameter
        self.grouping = grouping
        self.isWithout = isWithout
        self.sourceRange = sourceRange
    }
}
