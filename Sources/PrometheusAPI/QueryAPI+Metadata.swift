internal import Hummingbird
internal import MetricsModel
internal import Querying

extension QueryAPI {
    /// Blocks of so many milliseconds are looked at, where no time is asked for.
    private static let metadataRange: Int64 = 86_400_000

    /// What senders say about metrics: `{"name": [{"type": …, "help": …, "unit": …}]}`.
    ///
    /// `start` and `end`, which upstream does not have, say which blocks are looked at.
    @Sendable func metadata(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let limit = try parameters.signedLimit("limit")
        let limitPerMetric = try parameters.signedLimit("limit_per_metric")
        let end = try parameters.time("end") ?? parameters.now
        let (earliest, isBefore) = end.subtractingReportingOverflow(Self.metadataRange)
        let start = try parameters.time("start") ?? (isBefore ? .min : earliest)
        let found = try await querier.metadata(
            of: try authentication.readers(request),
            metric: parameters.text("metric"),
            in: TimeRange(start: start, end: end == .max ? .max : end + 1)
        )
        // As upstream: 0 metrics are none, 0 entries of a metric are all, and so is any number below 0.
        let shown = limit.map { $0 < 0 ? found[...] : found.prefix($0) } ?? found[...]
        var json = JSONBuffer(capacity: 64 + shown.reduce(0) { $0 + 128 * $1.entries.count })
        json.raw("{\"status\":\"success\",\"data\":{")
        for (index, metric) in shown.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(metric.name)
            json.raw(":")
            let most = limitPerMetric.flatMap { $0 > 0 ? $0 : nil } ?? metric.entries.count
            json.list(metric.entries.prefix(most)) { json, entry in
                json.raw("{\"type\":")
                json.string(entry.kind.name)
                json.raw(",\"help\":")
                json.string(entry.help)
                json.raw(",\"unit\":")
                json.string(entry.unit)
                json.raw("}")
            }
        }
        json.raw("}}")
        return json
    }
}
