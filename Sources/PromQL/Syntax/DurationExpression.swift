/// Arithmetic that yields a duration in seconds, in `[…]` or after `offset`.
public indirect enum DurationExpression: Sendable {
    case number(NumberLiteral)
    case operation(DurationOperation)

    public var sourceRange: SourceRange {
        switch self {
        case .number(let node): node.sourceRange
        case .operation(let node): node.sourceRange
        }
    }
}
