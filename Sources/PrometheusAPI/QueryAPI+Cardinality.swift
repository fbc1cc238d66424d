internal import Hummingbird
internal import MetricsModel
internal import PromQL
internal import Querying

/// How many series, labels and values there are: Prometheus' `status/tsdb` and Mimir's `cardinality/…`, exact for
/// any range.
extension QueryAPI {
    /// Entries that an answer may list; what is counted has its bound in ``QueryingSettings``.
    static let maximumListed = 1_000_000
    /// Counted where no `start` is given, in milliseconds: the last day.
    static let countedSpan: Int64 = 86_400_000
    /// Likewise where `count_method=active`: a series is active for 20 minutes after a sample, as in Mimir.
    static let activeSpan: Int64 = 1_200_000

    func addCardinalityRoutes(to router: Router<APIContext>, prefix: String) {
        both(router, "\(prefix)/status/tsdb", seriesStatistics)
        both(router, "\(prefix)/cardinality/label_names", labelNameCounts)
        both(router, "\(prefix)/cardinality/label_values", labelValueCounts)
        both(router, "\(prefix)/cardinality/active_series", activeSeries)
    }

    private func seriesStatistics(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let range = try parameters.countedRange(span: Self.countedSpan)
        let limit = try parameters.count("limit", in: 1...Self.maximumListed, default: 10)
        let statistics = try await querier.seriesStatistics(
            of: try authentication.readers(request),
            matching: try parameters.selector() ?? [],
            in: range,
            limit: limit
        )
        return CardinalityJSON.answer(statistics, countedIn: range)
    }

    private func labelNameCounts(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let counts = try await querier.labelNameCounts(
            of: try authentication.readers(request),
            matching: try parameters.selector() ?? [],
            in: try countedRange(parameters),
            limit: try parameters.count("limit", in: 0...Self.maximumListed, default: 20)
        )
        return CardinalityJSON.answer(counts)
    }

    private func labelValueCounts(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let names = parameters.all("label_names[]")
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else {
            throw APIError.badParameter("label_names[]", "name at least one label")
        }
        let counts = try await querier.labelValueCounts(
            names,
            of: try authentication.readers(request),
            matching: try parameters.selector() ?? [],
            in: try countedRange(parameters),
            limit: try parameters.count("limit", in: 0...Self.maximumListed, default: 20)
        )
        return CardinalityJSON.answer(counts)
    }

    private func activeSeries(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        guard let selector = try parameters.selector() else {
            throw APIError.badParameter("selector", "it is required, such as {job=\"api\"}")
        }
        let found = try await querier.countedLabels(
            of: try authentication.readers(request),
            matching: selector,
            in: try parameters.countedRange(span: Self.activeSpan)
        )
        return ListJSON.write(
            found,
            limit: try parameters.limit(),
            size: { $0.key.count + 2 },
            element: { $0.labels($1) }
        )
    }

    private func countedRange(_ parameters: QueryParameterReader) throws -> TimeRange {
        switch parameters.text("count_method") {
        case nil, "inmemory": return try parameters.countedRange(span: Self.countedSpan)
        case "active": return try parameters.countedRange(span: Self.activeSpan)
        case let method?:
            throw APIError.badParameter(
                "count_method",
                "\"\(method)\" is neither inmemory nor active"
            )
        }
    }
}

extension QueryParameterReader {
    /// The range of `start` and `end`, both inclusive; without `start`, a span before `end` or the present,
    /// whichever is earlier, and without `end`, up to the newest sample.
    fileprivate func countedRange(span: Int64) throws -> TimeRange {
        let end = try time("end") ?? .max
        let (last, overflows) = min(end, now).subtractingReportingOverflow(span)
        let start = try time("start") ?? (overflows ? .min : last)
        guard end >= start else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        return TimeRange(start: start, end: end == .max ? .max : end + 1)
    }

    /// A number in bounds.
    func count(
        _ name: String,
        in range: ClosedRange<Int>,
        default standard: Int
    ) throws -> Int {
        guard let text = text(name) else { return standard }
        guard let count = Int(text), range.contains(count) else {
            throw APIError.badParameter(
                name,
                "\"\(text)\" is not a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return count
    }

    /// The matchers of `selector`; none for `{}`, nil where the parameter is absent.
    fileprivate func selector() throws -> [LabelMatcher]? {
        guard let text = text("selector") else { return nil }
        guard text.contains(where: { $0 != "{" && $0 != "}" && $0 != " " }) else { return [] }
        do {
            return try Parser.parseSelector(text).matchers
        } catch {
            throw APIError.badParameter("selector", String(describing: error))
        }
    }
}
