internal import ClusterInterface
internal import Hummingbird
internal import MetricsModel
internal import PromQL
internal import Querying

extension QueryAPI {
    /// Exemplars of all series that any selector of an expression names.
    @Sendable func exemplars(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let tenants = try authentication.readers(request)
        let start = try parameters.time("start") ?? .min
        let end = try parameters.time("end") ?? .max
        guard end >= start else {
            throw APIError(.badData, "end timestamp must not be before start timestamp")
        }
        let selectors = try expression(request, parameters).selectors
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\"")
        // Like upstream: no selector, no list.
        if !selectors.isEmpty {
            let found = try await querier.exemplars(
                of: tenants,
                matching: selectors,
                in: TimeRange(start: start, end: end == .max ? .max : end + 1)
            )
            json.raw(",\"data\":")
            json.list(found) { json, series in
                json.raw("{\"seriesLabels\":")
                json.labels(series.labels)
                json.raw(",\"exemplars\":")
                json.list(series.exemplars) { Self.write($1, to: &$0) }
                json.raw("}")
            }
        }
        json.raw("}")
        return json
    }

    private static func write(_ exemplar: Exemplar, to json: inout JSONBuffer) {
        json.raw("{\"labels\":")
        json.labels(exemplar.labels)
        json.raw(",\"value\":")
        json.value(exemplar.value)
        json.raw(",\"timestamp\":")
        json.timestamp(exemplar.timestamp)
        json.raw("}")
    }
}
