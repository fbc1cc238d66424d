/// A sign before a scalar or instant vector.
public struct UnaryOperation: Sendable {
    /// Whether the sign is `-`; `+` changes nothing.
    public var isNegation: Bool
    public var operand: Expression
    /// From the sign to the end of the operand.
    public var sourceRange: SourceRange

    public init(isNegation: Bool, operand: Expression, sourceRange: SourceRange) {
        self.isNegation = isNegation
        self.operand = operand
        self.sourceRange = sourceRange
    }
}
