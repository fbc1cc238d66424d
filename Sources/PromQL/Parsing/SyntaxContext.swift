/// The construct in which an unexpected token is reported.
enum SyntaxContext {
    case query
    case aggregation
    case groupingStart
    case groupingLabel
    case groupingEnd
    case matcherStart
    case matcherOperator
    case matcherValue
    case matcherEnd
    case offset
    case at
    case range
    case rangeEnd
    case step
    case stepEnd

    /// What follows the description of the unexpected token.
    var description: String {
        switch self {
        case .query: ""
        case .aggregation: " in aggregation"
        case .groupingStart: #" in grouping opts, expected "(""#
        case .groupingLabel: " in grouping opts, expected label"
        case .groupingEnd: #" in grouping opts, expected "," or ")""#
        case .matcherStart: #" in label matching, expected identifier or "}""#
        case .matcherOperator: " in label matching, expected label matching operator"
        case .matcherValue: " in label matching, expected string"
        case .matcherEnd: #" in label matching, expected "," or "}""#
        case .offset: " in offset, expected number, duration, step(), or range()"
        case .at: " in @, expected timestamp"
        case .range:
            " in subquery or range selector, expected number, duration, step(), or range()"
        case .rangeEnd: #" in subquery or range, expected ":" or "]""#
        case .step: #" in subquery selector, expected number, duration, step(), range(), or "]""#
        case .stepEnd: #" in subquery selector, expected "]""#
        }
    }
}
