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
        /// One word for where the value comes from.
        public var source: String

        public init(_ name: String, _ value: Value, source: String = "default") {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    /// The limits of one tenant.
    public struct Shown: Sendable {
        public var limits: [Limit]
        /// Of what the overrides API has set, as far as this process knows it; 0 for nothing.
        public var version: Int64

        public init(_ limits: [Limit], version: Int64 = 0) {
            self.limits = limits
            self.version = version
        }
    }

    private let authentication: Authentication
    private let limits: @Sendable (TenantID, _ onlyOverrides: Bool) -> Shown

    /// - Parameter limits: The limits in force of a tenant: all, or only those that are set for it alone.
    public init(
        authentication: Authentication,
        limits: @escaping @Sendable (TenantID, _ onlyOverrides: Bool) -> Shown
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
            var form = FormParameters()
            if let query = request.uri.query { form.add(urlEncoded: query) }
            let shown = limits(tenant, onlyOverrides)
            let withSources = form.first("sources") == "1"
            var response = Response.json(Self.json(shown.limits, withSources: withSources))
            response.headers[.eTag] = OverridesAPI.tag(shown.version)
            return response
        } catch {
            return APIError(error).response()
        }
    }

    /// - Parameter withSources: Whether each value stands beside the word for where it comes from.
    private static func json(_ limits: [Limit], withSources: Bool) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{")
        for (index, limit) in limits.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(limit.name)
            json.raw(":")
            if withSources { json.raw("{\"value\":") }
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
            guard withSources else { continue }
            json.raw(",\"source\":")
            json.string(limit.source)
            json.raw("}")
        }
        json.raw("}")
        return json
    }
}
