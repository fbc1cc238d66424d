public import ClusterInterface
internal import CoreMetrics
public import MetricsModel
public import PromQL

/// Answers queries of tenants: parses, plans, gathers samples, and evaluates.
public final class Querier: Sendable {
    private let settings: QueryingSettings
    private let gatherer: Gatherer
    private let workers: any WorkerPool
    private let places: QueryPlaces
    private let metrics = QueryingMetrics()

    public init(
        settings: QueryingSettings,
        directory: any IngesterDirectory,
        store: any BlockStore,
        workers: any WorkerPool
    ) {
        self.settings = settings
        self.workers = workers
        gatherer = Gatherer(
            directory: directory,
            blocks: BlockReader(store: store),
            workers: workers
        )
        places = QueryPlaces(
            count: settings.maximumConcurrent,
            maximumWaiting: settings.maximumWaiting
        )
    }

    /// Runs one PromQL query.
    ///
    /// - Throws: ``QueryError``.
    public func query(_ request: QueryRequest) async throws -> QueryResult {
        try await metrics.measure(request.step == 0 ? .instant : .range) {
            try await timed(request.timeout) { deadline in
                try await self.run(request, deadline)
            }
        }
    }

    /// Label sets that pass any of the selectors and have samples in the range, sorted.
    public func series(
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange
    ) async throws -> [Labels] {
        let found: Set<Labels> = try await collect(.series, tenants, selectors, range) {
            tenant,
            request in
            let series = try await self.gatherer.series(request)
            return tenants.isFederated
                ? Set(series.map { TenantSet.labels($0, of: tenant) }) : series
        }
        return found.sorted()
    }

    /// Names of the labels of the series that pass any of the selectors (all series where there is none), sorted.
    public func labelNames(
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange
    ) async throws -> [String] {
        var found: Set<String> = try await collect(.labels, tenants, selectors, range) {
            _,
            request in
            try await self.gatherer.labelNames(request)
        }
        if tenants.isFederated, !found.isEmpty {
            // Where series have a label of that name in store, it shows under its other name.
            if !found.insert(TenantSet.label).inserted { found.insert(TenantSet.originalLabel) }
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Values of one label, sorted.
    public func labelValues(
        _ name: String,
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange
    ) async throws -> [String] {
        let found: Set<String> = try await collect(.labels, tenants, selectors, range) {
            tenant,
            request in
            guard tenants.isFederated, name == TenantSet.label else {
                let stored = tenants.isFederated ? TenantSet.storedName(name) : name
                return try await self.gatherer.labelValues(stored, request)
            }
            return try await self.gatherer.series(request).isEmpty ? [] : [tenant.name]
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func run(_ request: QueryRequest, _ deadline: QueryDeadline) async throws -> QueryResult
    {
        let plan = try plan(request)
        let check: @Sendable () throws -> Void = { try Self.check(deadline) }
        var data: [[SeriesSamples]] = []
        for selector in plan.selectors {
            data.append(try await gather(selector, request.tenants, check))
        }
        let control = EvaluationControl(
            isCancelled: { deadline.isOver || deadline.wasCancelled })
        let gathered = data
        return try await workers.run {
            do throws(EvaluationError) {
                return try Evaluator.evaluate(plan, data: gathered, control: control)
            } catch {
                // The evaluator only knows that it was told to stop; the deadline knows why.
                try Self.check(deadline)
                throw QueryError.evaluation(error)
            }
        }
    }

    private func plan(_ request: QueryRequest) throws -> QueryPlan {
        let expression: Expression
        do {
            expression = try Parser.parse(request.text, features: request.features.language)
        } catch {
            throw QueryError.parse(error)
        }
        let parameters = QueryParameters(
            start: request.start,
            end: request.end,
            step: request.step,
            lookbackDelta: lookbackDelta(request),
            defaultSubqueryStep: settings.defaultSubqueryStep,
            features: request.features.evaluation,
            maxSamples: settings.maximumSamples
        )
        do {
            return try QueryPlan(
                expression: expression,
                text: request.text,
                parameters: parameters
            )
        } catch {
            throw QueryError.evaluation(error)
        }
    }

    /// Nothing positive stands for the default, as upstream has it.
    private func lookbackDelta(_ request: QueryRequest) -> Int64 {
        guard let wanted = request.lookbackDelta, wanted > 0 else { return settings.lookbackDelta }
        return wanted
    }

    /// The samples of one selector over all tenants, sorted by labels.
    private func gather(
        _ selector: PlannedSelector,
        _ tenants: TenantSet,
        _ check: @escaping @Sendable () throws -> Void
    ) async throws -> [SeriesSamples] {
        let (names, matchers) = tenants.pruned(selector.matchers)
        var result: [SeriesSamples] = []
        for tenant in names {
            let request = SelectRequest(
                tenant: tenant,
                matchers: matchers,
                range: selector.range
            )
            for series in try await gatherer.samples(request, check: check) {
                let labels =
                    tenants.isFederated
                    ? TenantSet.labels(series.labels, of: tenant) : series.labels
                result.append(
                    SeriesSamples(
                        labels: labels,
                        timestamps: series.timestamps,
                        values: series.values
                    )
                )
            }
        }
        // The label of the tenant may change the order within one tenant too.
        if tenants.isFederated { result.sort { $0.labels < $1.labels } }
        return result
    }

    /// Runs one metadata request for each tenant and selector, and unites the answers.
    private func collect<Element: Hashable & Sendable>(
        _ kind: QueryingMetrics.Kind,
        _ tenants: TenantSet,
        _ selectors: [[LabelMatcher]],
        _ range: TimeRange,
        _ ask: @escaping @Sendable (TenantID, SelectRequest) async throws -> Set<Element>
    ) async throws -> Set<Element> {
        try await metrics.measure(kind) {
            try await timed(nil) { _ in
                var found: Set<Element> = []
                for selector in selectors.isEmpty ? [[]] : selectors {
                    let (names, matchers) = tenants.pruned(selector)
                    for tenant in names {
                        found.formUnion(
                            try await ask(
                                tenant,
                                SelectRequest(tenant: tenant, matchers: matchers, range: range)
                            )
                        )
                    }
                }
                return found
            }
        }
    }

    /// Runs a query in its place and ends it when its time is over.
    private func timed<Value: Sendable>(
        _ timeout: Int64?,
        _ body: @escaping @Sendable (QueryDeadline) async throws -> Value
    ) async throws -> Value {
        let limit = min(timeout ?? settings.timeout, settings.timeout)
        let deadline = QueryDeadline(timeout: .milliseconds(limit))
        return try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                // Waiting for a place is part of the query's time.
                group.addTask { try await self.places.withPlace { try await body(deadline) } }
                group.addTask {
                    try? await Task.sleep(for: deadline.remaining)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let value = first else {
                    // The sleep ends early where the caller went away.
                    let wasCancelled = deadline.wasCancelled || Task.isCancelled
                    deadline.cancel()
                    throw wasCancelled
                        ? QueryError.cancelled
                        : QueryError.timeout("query timed out in query execution")
                }
                return value
            }
        } onCancel: {
            deadline.cancel()
        }
    }

    private static func check(_ deadline: QueryDeadline) throws {
        if deadline.isOver { throw QueryError.timeout("query timed out in query execution") }
        if deadline.wasCancelled || Task.isCancelled { throw QueryError.cancelled }
    }
}
