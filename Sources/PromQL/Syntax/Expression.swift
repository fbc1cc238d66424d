/// A node of the syntax tree of a PromQL query.
///
/// A tree that ``Parser`` returned has passed all checks of types and arguments, and is at most
/// ``Parser/maximumDepth`` nodes deep, so recursive walks need no guard of their own.
public indirect enum Expression: Sendable {
    case number(NumberLiteral)
    case string(StringLiteral)
    case vectorSelector(VectorSelector)
    case matrixSelector(MatrixSelector)
    case subquery(Subquery)
    case call(Call)
    case aggregation(Aggregation)
    case binary(BinaryOperation)
    case unary(UnaryOperation)
    case parenthesized(Parenthesized)

    /// Where the expression stands in the text; annotations point to its start.
    public var sourceRange: SourceRange {
        switch self {
        case .number(let node): node.sourceRange
        case .string(let node): node.sourceRange
        case .vectorSelector(let node): node.sourceRange
        case .matrixSelector(let node): node.sourceRange
        case .subquery(let node): node.sourceRange
        case .call(let node): node.sourceRange
        case .aggregation(let node): node.sourceRange
        case .binary(let node): node.sourceRange
        case .unary(let node): node.sourceRange
        case .parenthesized(let node): node.sourceRange
        }
    }

    /// The type of the value; unary signs and parentheses take that of their operand.
    public var valueType: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .vectorSelector, .aggregation: .vector
        case .matrixSelector, .subquery: .matrix
        case .call(let node): node.function.signature.returnType
        case .binary(let node): node.valueType
        case .unary(let node): node.operand.valueType
        case .parenthesized(let node): node.expression.valueType
        }
    }
}
