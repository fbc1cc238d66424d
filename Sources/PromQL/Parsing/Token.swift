/// A lexical unit of a query, with its place in the text.
struct Token: Equatable {
    var kind: Kind
    /// Byte position of its first byte.
    var start: Int
    /// Byte position behind its last byte.
    var end: Int

    var sourceRange: SourceRange { SourceRange(start: start, end: end) }

    enum Kind: Equatable {
        case endOfInput
        /// A name without colons that is no keyword.
        case identifier
        /// A name with colons.
        case metricIdentifier
        case string
        case number
        case duration
        case leftParenthesis
        case rightParenthesis
        case leftBrace
        case rightBrace
        case leftBracket
        case rightBracket
        case comma
        case colon
        /// `=`, only between a label and a value.
        case assign
        /// `=~`, only inside braces.
        case regexMatch
        /// `!~`, only inside braces.
        case regexMismatch
        case at
        /// An operator; `!=`, `+` and `-` have further uses.
        case binaryOperator(BinaryOperator)
        case aggregator(AggregationOperator)
        case keyword(Keyword)
    }

    /// The words with a meaning of their own; raw values are their lower-case text.
    enum Keyword: String, CaseIterable {
        case offset
        case by
        case without
        case on
        case ignoring
        case groupLeft = "group_left"
        case groupRight = "group_right"
        case bool
        case start
        case end
        case step
        case range
        case anchored
        case smoothed
        case fill
        case fillLeft = "fill_left"
        case fillRight = "fill_right"
        case minOf = "min_of"
        case maxOf = "max_of"

        /// Whether it is an ordinary metric name where an expression starts.
        var canNameMetric: Bool {
            switch self {
            case .on, .ignoring, .groupLeft, .groupRight, .bool: false
            default: true
            }
        }

        /// Whether a function has the same name.
        var canNameFunction: Bool {
            switch self {
            case .start, .end, .step, .range, .minOf, .maxOf: true
            default: false
            }
        }
    }
}
