internal import Hummingbird
internal import PromQL

extension QueryAPI {
    /// Exemplars are not kept yet: an empty answer once the parameters are found to be right.
    @Sendable func exemplars(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        _ = try authentication.readers(request)
        let start = try parameters.time("start") ?? .min
        let end = try parameters.time("end") ?? .max
        guard end >= start else {
            throw APIError(.badData, "end timestamp must not be before start timestamp")
        }
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\"")
        // Like upstream: no selector, no list.
        if try expression(request, parameters).hasSelector { json.raw(",\"data\":[]") }
        json.raw("}")
        return json
    }
}
