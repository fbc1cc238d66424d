public import Distribution
internal import Hummingbird
internal import MetricsModel

/// What was refused of a tenant's series lately, as JSON.
public struct DiscardsAPI: Sendable {
    private let distributor: Distributor
    private let authentication: Authentication

    static let path: RouterPath = "/api/v1/discarded"

    public init(distributor: Distributor, authentication: Authentication) {
        self.distributor = distributor
        self.authentication = authentication
    }

    func addRoutes(to router: Router<APIContext>) {
        router.get(Self.path) { request, _ in answer(request) }
    }

    private func answer(_ request: Request) -> Response {
        do {
            let tenant = try authentication.writer(request)
            var parameters = FormParameters()
            parameters.add(urlEncoded: request.uri.query ?? "")
            let name = parameters.first("reason")
            let reason = name.flatMap(DiscardReason.init(rawValue:))
            guard name == nil || reason != nil else {
                throw APIError.badParameter("reason", "nothing is refused for it")
            }
            return .json(Self.json(distributor.discarded(of: tenant, reason: reason)))
        } catch {
            return APIError(error).response()
        }
    }

    private static func json(_ series: [DiscardedSeries]) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":")
        json.list(series) { write($1, to: &$0) }
        json.raw("}")
        return json
    }

    private static func write(_ series: DiscardedSeries, to json: inout JSONBuffer) {
        json.raw("{\"reason\":")
        json.string(series.reason.rawValue)
        json.raw(",\"kind\":")
        json.string(series.kind.rawValue)
        if !series.series.isEmpty {
            json.raw(",\"series\":")
            json.string(series.series)
        }
        json.raw(",\"message\":")
        json.string(series.fault)
        if let limit = series.limit {
            json.raw(",\"limit\":")
            json.string(limit.name)
            json.raw(",\"limitValue\":")
            json.string(limit.value)
        }
        json.raw(",\"count\":")
        json.integer(UInt64(max(0, series.count)))
        json.raw(",\"firstTime\":")
        json.timestamp(series.firstTime)
        json.raw(",\"lastTime\":")
        json.timestamp(series.lastTime)
        json.raw("}")
    }
}
