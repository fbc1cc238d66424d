public import PromQL

/// Why a query has no answer.
public enum QueryError: Error, CustomStringConvertible {
    /// The query or a parameter is wrong; the text is complete.
    case badData(String)
    case parse(ParseError)
    case evaluation(EvaluationError)
    /// A bound of this process was reached.
    case limit(String)
    case timeout(String)
    case cancelled
    /// More queries wait than may.
    case tooManyWaiting(limit: Int)
    /// Something that a complete answer needs does not answer now.
    case unavailable(String)
    /// Stored bytes are damaged.
    case damaged(String)

    public var description: String {
        switch self {
        case .badData(let text), .limit(let text), .timeout(let text), .unavailable(let text),
            .damaged(let text):
            text
        case .parse(let error): String(describing: error)
        case .evaluation(let error): String(describing: error)
        case .cancelled: "query was canceled in query execution"
        case .tooManyWaiting(let limit):
            "too many outstanding requests: \(limit) queries wait already"
        }
    }
}
