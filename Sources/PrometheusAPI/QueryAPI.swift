public import ClusterInterface
internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
public import Querying

/// The query side of Prometheus' HTTP API, under all the prefixes that Prometheus, Cortex and Mimir have.
public struct QueryAPI: Sendable {
    let querier: Querier
    let authentication: Authentication
    /// Says which parts of PromQL a tenant has on.
    private let limits: LimitsTable
    private let version: String
    /// Where answers are compressed.
    private let workers: any WorkerPool
    private let prompt = PromptAnswers()
    /// Milliseconds since the Unix epoch.
    let now: @Sendable () -> Int64

    static let prefixes = ["/prometheus/api/v1", "/api/prom/api/v1", "/api/v1"]
    /// Points of one series that a range query may ask for.
    static let maximumPoints: Int64 = 11_000

    public init(
        querier: Querier,
        authentication: Authentication,
        limits: LimitsTable,
        version: String,
        workers: any WorkerPool,
        now: @escaping @Sendable () -> Int64
    ) {
        self.querier = querier
        self.authentication = authentication
        self.limits = limits
        self.version = version
        self.workers = workers
        self.now = now
    }

    func addRoutes(to router: Router<APIContext>) {
        for prefix in Self.prefixes {
            both(router, "\(prefix)/query", instantQuery)
            both(router, "\(prefix)/query_range", rangeQuery)
            both(router, "\(prefix)/query_exemplars", exemplars)
            both(router, "\(prefix)/series", series)
            both(router, "\(prefix)/labels", labelNames)
            router.get("\(prefix)/label/:name/values") { try await answer($0, $1, labelValues) }
            router.get("\(prefix)/metadata") { try await answer($0, $1, metadata) }
            both(router, "\(prefix)/format_query", formatQuery)
            both(router, "\(prefix)/parse_query", parseQuery)
            router.get("\(prefix)/status/buildinfo") { try await answer($0, $1, buildInformation) }
            addCardinalityRoutes(to: router, prefix: prefix)
        }
    }

    private static let oftenPrompt = ["/query", "/labels", "/values"]

    /// Whether a path with its query is of a kind of question that is often answered in a moment.
    static func isOftenPrompt(_ path: String) -> Bool {
        let route = path.utf8.prefix { $0 != UInt8(ascii: "?") }
        return oftenPrompt.contains { route.suffix($0.utf8.count).elementsEqual($0.utf8) }
            && prefixes.contains { path.hasPrefix($0) }
    }

    typealias Handler =
        @Sendable (Request, APIContext, QueryParameterReader) async throws -> JSONBuffer

    func both(
        _ router: Router<APIContext>,
        _ path: String,
        _ handler: @escaping Handler
    ) {
        let path = RouterPath(path)
        router.get(path) { try await answer($0, $1, handler) }
        router.post(path) { try await answer($0, $1, handler) }
    }

    /// Runs a handler and turns whatever it throws into the error envelope.
    ///
    /// A client that goes away cancels it.
    private func answer(
        _ request: Request,
        _ context: APIContext,
        _ handler: @escaping Handler
    ) async throws -> Response {
        do {
            let parameters = try await QueryParameterReader(request, context, now: now())
            let respond: @Sendable () async throws -> Response = {
                try await compressed(try await handler(request, context, parameters), request)
            }
            if let executor = context.executor {
                let question = PromptAnswers.question(request, parameters)
                return try await prompt.run(question, on: executor, respond)
            }
            guard let client = context.client else { return try await respond() }
            return try await client.whilePresent(respond)
        } catch {
            return APIError(error).response()
        }
    }

    /// The answer in the coding that the client likes best.
    private func compressed(_ json: JSONBuffer, _ request: Request) async throws -> Response {
        var response = Response.json(json)
        // Caches between must keep the forms apart.
        response.headers[.vary] = "Accept-Encoding"
        guard json.bytes.readableBytes >= ContentCoding.threshold,
            let coding = ContentCoding.preferred(in: request.headers[values: .acceptEncoding])
        else { return response }
        let bytes = json.bytes
        let client = CancellationFlag()
        let body = try await withTaskCancellationHandler {
            try await workers.run { try coding.compress(bytes, check: client.check) }
        } onCancel: {
            client.cancel()
        }
        response.headers[.contentEncoding] = coding.rawValue
        response.body = ResponseBody(byteBuffer: body)
        return response
    }

    /// What the tenants of a request have on; the default where a request that needs no tenant names none.
    func features(of request: Request) throws -> QueryFeatures {
        do {
            return QueryFeatures(of: try authentication.readers(request), by: limits)
        } catch TenantError.empty {
            return QueryFeatures(named: limits.defaults.promqlFeatures)
        }
    }

    private func instantQuery(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let time = try parameters.time("time") ?? parameters.now
        return try await run(
            request,
            parameters,
            start: time,
            end: time,
            step: 0
        )
    }

    private func rangeQuery(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        guard end >= start else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        guard let step = try parameters.duration("step") else {
            throw APIError.badParameter("step", "cannot parse \"\" to a valid duration")
        }
        guard step > 0 else {
            throw APIError.badParameter(
                "step",
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
            )
        }
        let (span, overflow) = end.subtractingReportingOverflow(start)
        guard !overflow, span / step <= Self.maximumPoints else {
            throw APIError(
                .badData,
                "exceeded maximum resolution of 11,000 points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)"
            )
        }
        return try await run(request, parameters, start: start, end: end, step: step)
    }

    private func run(
        _ request: Request,
        _ parameters: QueryParameterReader,
        start: Int64,
        end: Int64,
        step: Int64
    ) async throws -> JSONBuffer {
        let limit = try parameters.limit()
        let statistics = StatisticsJSON.Detail(parameter: parameters.text("stats"))
        let tenants = try authentication.readers(request)
        let query = QueryRequest(
            tenants: tenants,
            text: parameters.text("query") ?? "",
            start: start,
            end: end,
            step: step,
            timeout: try parameters.duration("timeout"),
            lookbackDelta: try parameters.duration("lookback_delta"),
            features: QueryFeatures(of: tenants, by: limits),
            countsSteps: statistics == .perStep,
            isTraced: try parameters.flag("trace"),
            allowsPartial: try parameters.flag("partial_response")
        )
        if try parameters.flag("explain") {
            return PlanJSON.answer(try await querier.explain(query))
        }
        let result = try await querier.query(query)
        return try ResultJSON.write(
            result,
            limit: limit,
            statistics: statistics,
            check: Task.checkCancellation
        )
    }

    private func series(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let selectors = try parameters.selectors()
        guard !selectors.isEmpty else {
            throw APIError(.badData, "no match[] parameter provided")
        }
        let partial = try parameters.partialAnswer()
        let found = try await querier.series(
            of: try authentication.readers(request),
            matching: selectors,
            in: try parameters.range(),
            partial: partial
        )
        let limit = try parameters.limit()
        return ListJSON.write(
            found,
            limit: limit,
            warnings: partial?.warnings ?? [],
            size: { $0.key.count + 2 },
            element: { $0.labels($1) }
        )
    }

    private func labelNames(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let partial = try parameters.partialAnswer()
        let found = try await querier.labelNames(
            of: try authentication.readers(request),
            matching: try parameters.selectors(),
            in: try parameters.range(),
            partial: partial
        )
        return ListJSON.write(found, limit: try parameters.limit(), warnings: partial?.warnings)
    }

    private func labelValues(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        // The router hands over the part of the path as it came.
        let escaped = FormParameters.decode(pathPart: try context.parameters.require("name"))
        guard let name = EscapedLabelName.unescape(escaped), !name.isEmpty else {
            throw APIError(.badData, "invalid label name: \"\(escaped)\"")
        }
        let partial = try parameters.partialAnswer()
        let found = try await querier.labelValues(
            name,
            of: try authentication.readers(request),
            matching: try parameters.selectors(),
            in: try parameters.range(),
            partial: partial
        )
        return ListJSON.write(found, limit: try parameters.limit(), warnings: partial?.warnings)
    }

    private func buildInformation(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":{\"application\":\"Engram\",\"version\":")
        json.string(version)
        json.raw(
            ",\"revision\":\"\",\"branch\":\"\",\"buildUser\":\"\",\"buildDate\":\"\",\"goVersion\":\"\"}}"
        )
        return json
    }
}
