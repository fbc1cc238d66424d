/// What an expression evaluates to; raw values are the names used in HTTP answers.
public enum ValueType: String, Sendable, Hashable {
    case scalar
    case vector
    case matrix
    case string

    /// The name used in documentation and in most error messages.
    public var documentedName: String {
        switch self {
        case .scalar: "scalar"
        case .vector: "instant vector"
        case .matrix: "range vector"
        case .string: "string"
        }
    }
}
