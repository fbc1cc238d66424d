internal import HTTPTypes
internal import Hummingbird
public import MetricsModel

/// What a tenant may see of its own limits, as JSON, under the paths of Mimir and of Cortex.
public struct LimitsAPI: Sendable {
    /// One limit with its value.
    public struct Limit: Sendable, Equatable {
        public enum Value: Sendable, Equatable {
            case number(Int)
            case boolean(Bool)
            /// A duration as the configuration writes it.
            case text(String)
            case list([String])
            /// A value with parts.
            case json(String)
        }

        /// In the spelling of Cortex.
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    private let authentication: Authentication
    private let limits: @Sendable (TenantID, _ onlyOverrides: Bool) -> [Limit]

    /// - Parameter limits: The limits in force of a tenant: all, or only those that are set for it alone.
    public init(
        authentication: Authentication,
        limits: @escaping @Sendable (TenantID, _ onlyOverrides: Bool) -> [Limit]
    ) {
        self.authentication = authentication
        self.limits = limits
    }

    func addRoutes(to router: Router<APIContext>) {
        router.get("/api/v1/user_limits") { request, _ in answer(request, onlyOverrides: false) }
        router.get("/api/v1/user-overrides") { request, _ in answer(request, onlyOverrides: true) }
    }

    private func answer(_ request: Request, onlyOverrides: Bool) -> Response {
        do {
            let tenant = try authentication.writer(request)
            return .json(Self.json(limits(tenant, onlyOverrides)))
        } catch {
            return APIError(error).response()
        }
    }

    private static func json(_ limits: [Limit]) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{")
        for (index, limit) in limits.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(limit.name)
            json.raw(":")
            switch limit.value {
            case .number(let number): json.integer(UInt64(max(0, number)))
            case .boolean(let flag): json.boolean(flag)
            case .text(let text): json.string(text)
            case .json(let text): json.raw(json: text)
            case .list(let words):
                json.raw("[")
                for (index, word) in words.enumerated() {
                    if index > 0 { json.raw(",") }
                    json.string(word)
                }
                json.raw("]")
            }
        }
        json.raw("}")
        return json
    }
}
