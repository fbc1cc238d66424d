internal import Distribution
internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
internal import PromQL
internal import Querying

/// The one place where errors become words and status codes.
struct APIError: Error {
    /// The error types of Prometheus' HTTP API.
    enum Kind: String {
        case badData = "bad_data"
        case execution
        case canceled
        case timeout
        case unavailable
        case `internal`
        case notFound = "not_found"
        case notAcceptable = "not_acceptable"
        case tooManyRequests = "too_many_requests"

        var status: HTTPResponse.Status {
            switch self {
            case .badData: .badRequest
            case .execution: .unprocessableContent
            case .canceled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
            case .timeout, .unavailable: .serviceUnavailable
            case .internal: .internalServerError
            case .notFound: .notFound
            case .notAcceptable: .notAcceptable
            case .tooManyRequests: .tooManyRequests
            }
        }
    }

    let kind: Kind
    let message: String
    var status: HTTPResponse.Status { override ?? kind.status }
    private let override: HTTPResponse.Status?

    init(_ kind: Kind, _ message: String, status: HTTPResponse.Status? = nil) {
        self.kind = kind
        self.message = message
        override = status
    }

    static func badParameter(_ name: String, _ message: String) -> APIError {
        APIError(.badData, "invalid parameter \"\(name)\": \(message)")
    }

    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as QueryError: self.init(query: error)
        case let error as OverridesError: self.init(overrides: error)
        case let error as TenantError:
            self.init(.badData, error.description, status: error == .empty ? .unauthorized : nil)
        case is CancellationError: self.init(.canceled, "the request was canceled")
        default: self.init(.internal, String(describing: error))
        }
    }

    private init(query error: QueryError) {
        switch error {
        case .badData(let message): self.init(.badData, message)
        case .parse(let error):
            self = .badParameter("query", String(describing: error))
        case .evaluation(let error): self.init(evaluation: error)
        case .limit(let message): self.init(.execution, message)
        case .timeout(let message): self.init(.timeout, message)
        case .cancelled: self.init(.canceled, error.description)
        case .tooManyWaiting: self.init(.tooManyRequests, error.description)
        case .unavailable(let message), .storeAway(let message): self.init(.unavailable, message)
        case .damaged(let message): self.init(.internal, message)
        }
    }

    private init(evaluation error: EvaluationError) {
        switch error {
        case .execution, .tooManySamples, .outOfMemory:
            self.init(.execution, error.message)
        case .unreadable: self.init(.internal, error.message)
        case .invalidQuery(let message): self.init(.badData, message)
        case .timedOut: self.init(.timeout, error.message)
        case .cancelled: self.init(.canceled, error.message)
        }
    }

    func response() -> Response {
        var json = JSONBuffer(capacity: 128 + message.utf8.count)
        json.raw("{\"status\":\"error\",\"errorType\":")
        json.string(kind.rawValue)
        json.raw(",\"error\":")
        json.string(message)
        json.raw("}")
        return .json(json, status: status)
    }
}
