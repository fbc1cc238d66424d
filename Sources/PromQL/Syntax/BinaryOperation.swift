/// An operator between two operands of type scalar or instant vector.
public struct BinaryOperation: Sendable {
    public var operation: BinaryOperator
    public var left: Expression
    public var right: Expression
    /// Whether a comparison gives 0 and 1 instead of filtering.
    public var returnsBool: Bool
    /// How elements find their partners; nil unless both operands are vectors.
    public var matching: VectorMatching?
    /// A scalar if both operands are, otherwise an instant vector.
    ///
    /// Stored like the range, because asking the operands would walk over the whole tree.
    public let valueType: ValueType
    /// From the start of the left to the end of the right operand.
    public let sourceRange: SourceRange

    public init(
        operation: BinaryOperator,
        left: Expression,
        right: Expression,
        returnsBool: Bool = false,
        matching: VectorMatching? = nil
    ) {
        self.operation = operation
        self.left = left
        self.right = right
        self.returnsBool = returnsBool
        self.matching = matching
        valueType = left.valueType == .scalar && right.valueType == .scalar ? .scalar : .vector
        sourceRange = SourceRange(start: left.sourceRange.start, end: right.sourceRange.end)
    }
}
