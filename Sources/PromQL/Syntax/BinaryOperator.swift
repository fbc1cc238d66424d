/// The operators between two operands; raw values are their text.
public enum BinaryOperator: String, CaseIterable, Sendable, Hashable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case arcTangent = "atan2"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// Keeps what a native histogram observed below the right operand.
    case trimUpper = "</"
    /// Keeps what a native histogram observed above the right operand.
    case trimLower = ">/"
    case and
    case or
    case unless

    /// `== != < <= > >=`, which filter, or give 0 and 1 with `bool`.
    public var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    /// `and or unless`, which choose elements by their labels alone.
    public var isSetOperator: Bool {
        switch self {
        case .and, .or, .unless: true
        default: false
        }
    }
}
