public import ClusterInterface
internal import Foundation
internal import Hummingbird
internal import MetricsModel
internal import Querying

/// Series of each metric by day, from the catalog alone: no block is read, whatever the range.
public struct CatalogAPI: Sendable {
    private let catalog: any BlockCatalog
    private let authentication: Authentication
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64

    /// Days that one request may ask for.
    static let maximumDays: Int64 = 400
    /// Days that are shown where no `start` is given, with the last one.
    static let standardDays: Int64 = 7

    public init(
        catalog: any BlockCatalog,
        authentication: Authentication,
        now: @escaping @Sendable () -> Int64
    ) {
        self.catalog = catalog
        self.authentication = authentication
        self.now = now
    }

    func addRoutes(to router: Router<APIContext>) {
        for prefix in QueryAPI.prefixes {
            let path = RouterPath("\(prefix)/cardinality/days")
            router.get(path) { await answer($0, $1) }
            router.post(path) { await answer($0, $1) }
        }
    }

    private func answer(_ request: Request, _ context: APIContext) async -> Response {
        do {
            let parameters = try await QueryParameterReader(request, context, now: now())
            return .json(try await days(request, parameters))
        } catch {
            return APIError(error).response()
        }
    }

    private func days(
        _ request: Request,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let tenants = try authentication.readers(request)
        let names = parameters.all("metric_names[]")
        let limit = try parameters.count("limit", in: 0...QueryAPI.maximumListed, default: 20)
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":[")
        for (index, start) in try starts(parameters).enumerated() {
            var day = DayCounts(start: start)
            for tenant in tenants.tenants {
                day.add(try await metrics(of: tenant, day.range))
            }
            if index > 0 { json.raw(",") }
            Self.write(
                day,
                names.isEmpty ? day.largest(limit) : names.map { day.metric(named: $0) },
                &json
            )
        }
        json.raw("]}")
        return json
    }

    private func metrics(of tenant: TenantID, _ range: TimeRange) async throws -> [BlockMetrics] {
        do {
            return try await catalog.metrics(of: tenant, overlapping: range)
        } catch let error as StoreError {
            switch error {
            case .corrupt, .missing: throw QueryError.damaged(error.description)
            default: throw QueryError.unavailable(error.description)
            }
        }
    }

    /// When the days begin that `start` and `end` touch.
    private func starts(_ parameters: QueryParameterReader) throws -> [Int64] {
        let last = Self.day(try parameters.time("end") ?? parameters.now)
        let first = try parameters.time("start").map(Self.day) ?? last - Self.standardDays + 1
        guard first <= last else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        guard last - first < Self.maximumDays else {
            throw APIError(
                .execution,
                "the range has \(last - first + 1) days, at most \(Self.maximumDays) may be asked for; "
                    + "ask several times"
            )
        }
        return (first...last).map { $0 * DayCounts.duration }
    }

    /// Number of a time's day since 1970; within what years a calendar can name.
    private static func day(_ time: Int64) -> Int64 {
        let bounded = min(max(time, -62_135_596_800_000), 253_402_300_799_999)
        return (bounded - (bounded % DayCounts.duration + DayCounts.duration) % DayCounts.duration)
            / DayCounts.duration
    }

    private static func write(
        _ day: DayCounts,
        _ metrics: [DayCounts.Metric],
        _ json: inout JSONBuffer
    ) {
        let date = Date(timeIntervalSince1970: Double(day.start) / 1000)
        json.raw("{\"day\":")
        json.string(date.formatted(Date.ISO8601FormatStyle().year().month().day()))
        json.raw(",\"series\":")
        write(day.series, &json)
        json.raw(",\"samples_at_most\":")
        json.integer(Int64(day.samplesAtMost))
        json.raw(",\"metric_count\":")
        json.integer(Int64(day.metricCount))
        json.raw(",\"metrics\":")
        json.list(metrics) { json, metric in
            json.raw("{\"metric_name\":")
            json.string(metric.name)
            json.raw(",\"series\":")
            write(metric.series, &json)
            json.raw(",\"samples_at_most\":")
            json.integer(Int64(metric.samplesAtMost))
            json.raw("}")
        }
        json.raw("}")
    }

    private static func write(_ bounds: DayCounts.Bounds, _ json: inout JSONBuffer) {
        json.raw("{\"at_least\":")
        json.integer(Int64(bounds.atLeast))
        json.raw(",\"at_most\":")
        json.integer(Int64(bounds.atMost))
        json.raw(",\"exact\":")
        json.boolean(bounds.isExact)
        json.raw("}")
    }
}
