/// Why a query has no result.
public enum EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The data does not allow an answer, such as two elements with the same labels.
    case execution(message: String)
    /// The query cannot be run with its parameters; the text is Prometheus'.
    case invalidQuery(message: String)
    /// More floats were needed in memory at the same time than allowed.
    case tooManySamples(limit: Int)
    /// More memory was needed at the same time than a query, or all queries, may have.
    case outOfMemory(MemoryLimitExceeded)
    /// Samples could not be read.
    case unreadable(description: String)
    /// The caller ran out of time.
    case timedOut
    /// The caller lost interest.
    case cancelled

    /// The text for clients.
    public var message: String {
        switch self {
        case .execution(let message), .invalidQuery(let message): message
        case .tooManySamples:
            "query processing would load too many samples into memory in query execution"
        case .outOfMemory(let limit): limit.description
        case .unreadable(let description): description
        case .timedOut: "query timed out in expression evaluation"
        case .cancelled: "query was canceled in expression evaluation"
        }
    }

    public var description: String { message }

    static let duplicateLabels = EvaluationError.execution(
        message: "vector cannot contain metrics with the same labelset"
    )
}
