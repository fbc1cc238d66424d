internal import ClusterInterface
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
    /// The store does not answer now; the text says why.
    case storeAway(String)
    /// Stored bytes are damaged.
    case damaged(String)

    public var description: String {
        switch self {
        case .badData(let text), .limit(let text), .timeout(let text), .unavailable(let text),
            .storeAway(let text), .damaged(let text):
            text
        case .parse(let error): String(describing: error)
        case .evaluation(let error): String(describing: error)
        case .cancelled: "query was canceled in query execution"
        case .tooManyWaiting(let limit):
            "too many outstanding requests: \(limit) queries wait already"
        }
    }
}

extension QueryError {
    /// The store's error told as one of a query.
    init(_ error: StoreError) {
        switch error {
        case .corrupt, .missing: self = .damaged(error.description)
        case .unavailable: self = .storeAway(error.description)
        default: self = .unavailable(error.description)
        }
    }

    /// What work with the store gives, its errors told as those of a query.
    static func translating<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as StoreError {
            throw QueryError(error)
        }
    }
}
