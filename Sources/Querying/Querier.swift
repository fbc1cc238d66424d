public import ClusterInterface
internal import CoreMetrics
public import MetricsModel
public import PromQL

/// Answers queries of tenants: parses, plans, gathers samples, and evaluates.
public final class Querier: Sendable {
    let settings: QueryingSettings
    let gatherer: Gatherer
    let workers: any WorkerPool
    private let evaluationWorkers: any EvaluationWorkers
    private let executor: (any TaskExecutor)?
    /// What all queries hold together.
    let memory: MemoryAccount
    private let places: QueryPlaces
    private let deadlines = DeadlineWatch()
    let metrics = QueryingMetrics()

    /// Where a query runs, and begins at once, that is asked from a task of this executor; nil is where all queries run.
    @TaskLocal public static var callersExecutor: (any TaskExecutor)?

    /// - Parameters:
    ///   - nearby: Bytes of blocks on a local disk.
    ///   - deletions: Where tenants' deletions are; nil where there are none.
    ///   - deletionCopy: What answers go by while the store is away; nil where there are none then.
    ///   - executor: Where queries run; nil is wherever the process runs its tasks.
    ///   - clock: What the waits for slow ingesters are measured by.
    public init(
        settings: QueryingSettings,
        directory: any IngesterDirectory,
        store: any BlockStore,
        nearby: (any BlockBytesCache)? = nil,
        deletions: (any DeletionStore)? = nil,
        deletionCopy: DeletionCopy? = nil,
        workers: any WorkerPool,
        evaluationWorkers: any EvaluationWorkers = SerialWorkers(),
        executor: (any TaskExecutor)? = nil,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.settings = settings
        self.workers = workers
        self.evaluationWorkers = evaluationWorkers
        self.executor = executor
        memory = MemoryAccount(name: "querier.maxMemory", limit: settings.maximumMemory)
        gatherer = Gatherer(
            directory: directory,
            blocks: BlockReader(
                store: store,
                nearby: nearby,
                cacheSize: settings.cacheSize,
                workers: evaluationWorkers
            ),
            deletions: deletions,
            deletionCopy: deletionCopy,
            clock: clock,
            onGivenUp: { [metrics] in metrics.count(ingestersGivenUp: $0.count) },
            onWithoutStore: { [metrics] in metrics.countAnswerWithoutStore() }
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
            try await timed(request.timeout) { deadline, queued in
                try await self.run(request, deadline, queued)
            }
        }
    }

    /// Label sets that pass any of the selectors and have samples in the range, sorted.
    ///
    /// - Parameter partial: Where the answer may lack what ingesters hold that do not answer.
    public func series(
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange,
        partial: PartialAnswer? = nil
    ) async throws -> [Labels] {
        let gatherer = gatherer.allowing(partial)
        let found = try await collect(.series, tenants, selectors, range) { tenant, request in
            let series = try await gatherer.series(request)
            return tenants.isFederated
                ? series.map { TenantSet.labels($0, of: tenant) } : series
        }
        return SortedUnion.labels(found)
    }

    /// Names of the labels of the series that pass any of the selectors (all series where there is none), sorted.
    public func labelNames(
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange,
        partial: PartialAnswer? = nil
    ) async throws -> [String] {
        let gatherer = gatherer.allowing(partial)
        let found = try await collect(.labels, tenants, selectors, range) { _, request in
            try await gatherer.labelNames(request)
        }
        let names = Self.united(found)
        guard tenants.isFederated, !names.isEmpty else { return names }
        // Where series have a label of that name in store, it shows under its other name.
        let isTaken = names.contains(TenantSet.label)
        let added = [TenantSet.label] + (isTaken ? [TenantSet.originalLabel] : [])
        return SortedUnion.strings([names, added])
    }

    /// Values of one label, sorted.
    public func labelValues(
        _ name: String,
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange,
        partial: PartialAnswer? = nil
    ) async throws -> [String] {
        let gatherer = gatherer.allowing(partial)
        let found = try await collect(.labels, tenants, selectors, range) { tenant, request in
            guard tenants.isFederated, name == TenantSet.label else {
                let stored = tenants.isFederated ? TenantSet.storedName(name) : name
                return try await gatherer.labelValues(stored, request)
            }
            return try await gatherer.series(request).isEmpty ? [] : [tenant.name]
        }
        return Self.united(found)
    }

    /// What lists in order hold, once each.
    private static func united(_ lists: [[String]]) -> [String] {
        lists.count == 1 ? lists[0] : SortedUnion.strings(lists)
    }

    private func run(
        _ request: QueryRequest,
        _ deadline: QueryDeadline,
        _ queued: Duration
    ) async throws -> QueryResult {
        let clock = ContinuousClock()
        let start = clock.now
        let plan = try plan(request)
        let check: @Sendable () throws -> Void = { try Self.check(deadline) }
        let memory = newAccount()
        var estimates: [FetchEstimate] = []
        if request.isTraced {
            estimates = try await estimate(plan.selectors, request.tenants, check)
        }
        let partial = request.allowsPartial ? PartialAnswer() : nil
        let notes = AnswerNotes()
        let sources = try await gather(
            plan.selectors,
            request,
            gatherer.allowing(partial, notes: notes),
            memory,
            check
        )
        var recording: EvaluationControl.Recording = []
        if request.countsSteps { recording.insert(.steps) }
        if request.isTraced { recording.insert(.nodes) }
        let control = EvaluationControl(
            memory: memory,
            recording: recording,
            now: { clock.now - start },
            isCancelled: { deadline.isOver || deadline.wasCancelled }
        )
        let prepared = clock.now
        var result = try await evaluate(plan, sources, control, deadline)
        let end = clock.now
        let sorting = result.statistics.timings.resultSort
        result.statistics.timings = QueryTimings(
            evalTotal: end - start,
            resultSort: sorting,
            queryPreparation: prepared - start,
            innerEval: end - prepared - sorting,
            execQueue: queued,
            execTotal: queued + (end - start)
        )
        result.warnings = notes.all + (partial?.warnings ?? []) + result.warnings
        result.trace?.tree.estimates = estimates
        if request.isTraced {
            result.trace?.fetches = sources.compactMap { ($0 as? TracedSeries)?.work }
        }
        return result
    }

    /// What one query may hold.
    func newAccount() -> MemoryAccount {
        MemoryAccount(
            name: "querier.maxQueryMemory",
            limit: settings.maximumQueryMemory,
            parent: memory
        )
    }

    private func evaluate(
        _ plan: QueryPlan,
        _ sources: [any SizedSource],
        _ control: EvaluationControl,
        _ deadline: QueryDeadline
    ) async throws -> QueryResult {
        // Changing threads twice takes longer than computing a small answer.
        if Self.isSmall(plan, sources) {
            return try Self.evaluate(plan, sources, control, deadline, SerialWorkers())
        }
        let evaluationWorkers = evaluationWorkers
        return try await workers.run {
            try Self.evaluate(plan, sources, control, deadline, evaluationWorkers)
        }
    }

    private static func evaluate(
        _ plan: QueryPlan,
        _ sources: [any SizedSource],
        _ control: EvaluationControl,
        _ deadline: QueryDeadline,
        _ workers: any EvaluationWorkers
    ) throws -> QueryResult {
        do throws(EvaluationError) {
            return try Evaluator.evaluate(
                plan,
                sources: sources,
                control: control,
                workers: workers
            )
        } catch {
            // The evaluator only knows that it was told to stop; the deadline knows why.
            try check(deadline)
            throw QueryError.evaluation(error)
        }
    }

    /// Samples that are evaluated where they were gathered; about half a millisecond.
    private static let smallSize = 16_384

    /// Whether an evaluation is sure to be short: one step, few samples, and no more text than people write.
    private static func isSmall(_ plan: QueryPlan, _ sources: [any SizedSource]) -> Bool {
        guard plan.parameters.isInstant, plan.text.utf8.count <= 1024, !plan.expression.hasSubquery
        else {
            return false
        }
        return sources.reduce(0) { $0 + $1.size } <= smallSize
    }

    /// The series of all selectors, gathered at the same time.
    private func gather(
        _ selectors: [PlannedSelector],
        _ request: QueryRequest,
        _ gatherer: Gatherer,
        _ memory: MemoryAccount,
        _ check: @escaping @Sendable () throws -> Void
    ) async throws -> [any SizedSource] {
        do {
            if selectors.count == 1 {
                return [try await gather(selectors[0], request, gatherer, memory, check)]
            }
            return try await withThrowingTaskGroup(of: (Int, any SizedSource).self) { group in
                for (index, selector) in selectors.enumerated() {
                    group.addTask {
                        (index, try await self.gather(selector, request, gatherer, memory, check))
                    }
                }
                var sources: [Int: any SizedSource] = [:]
                for try await (index, source) in group { sources[index] = source }
                return selectors.indices.compactMap { sources[$0] }
            }
        } catch let error as MemoryLimitExceeded {
            throw QueryError.evaluation(.outOfMemory(error))
        }
    }

    func plan(_ request: QueryRequest) throws -> QueryPlan {
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

    /// The series of one selector; in a traced query, with a record of what is done with them.
    private func gather(
        _ selector: PlannedSelector,
        _ request: QueryRequest,
        _ gatherer: Gatherer,
        _ memory: MemoryAccount,
        _ check: @escaping @Sendable () throws -> Void
    ) async throws -> any SizedSource {
        guard request.isTraced else {
            return try await gather(selector, request.tenants, gatherer, memory, check)
        }
        let start = ContinuousClock.now
        let account = MemoryAccount(name: memory.name, limit: .max, parent: memory)
        let source = try await gather(selector, request.tenants, gatherer, account, check)
        return TracedSeries(source, account: account, time: ContinuousClock.now - start)
    }

    /// The series of one selector over all tenants.
    private func gather(
        _ selector: PlannedSelector,
        _ tenants: TenantSet,
        _ gatherer: Gatherer,
        _ memory: MemoryAccount,
        _ check: @escaping @Sendable () throws -> Void
    ) async throws -> any SizedSource {
        let (names, matchers) = tenants.pruned(selector.matchers)
        var gathered: [GatheredSeries] = []
        for tenant in names {
            let request = kept(
                SelectRequest(tenant: tenant, matchers: matchers, range: selector.range)
            )
            var rename: (@Sendable (Labels) -> Labels)?
            if tenants.isFederated { rename = { TenantSet.labels($0, of: tenant) } }
            let series = try await gatherer.samples(
                request,
                oldest: settings.retention.oldestTime(of: tenant),
                memory: memory,
                rename: rename,
                check: check
            )
            gathered.append(series)
        }
        guard gathered.count == 1 else { return FederatedSeries(gathered) }
        return gathered[0]
    }

    /// A request without the times of which the tenant keeps nothing.
    func kept(_ request: SelectRequest) -> SelectRequest {
        var request = request
        if let oldest = settings.retention.oldestTime(of: request.tenant) {
            request.range.start = min(max(request.range.start, oldest), request.range.end)
        }
        return request
    }

    /// Runs one metadata request for each tenant and selector.
    func collect<Element: Sendable>(
        _ kind: QueryingMetrics.Kind,
        _ tenants: TenantSet,
        _ selectors: [[LabelMatcher]],
        _ range: TimeRange,
        _ ask: @escaping @Sendable (TenantID, SelectRequest) async throws -> [Element]
    ) async throws -> [[Element]] {
        try await metrics.measure(kind) {
            try await timed(nil) { _, _ in
                var found: [[Element]] = []
                for selector in selectors.isEmpty ? [[]] : selectors {
                    let (names, matchers) = tenants.pruned(selector)
                    for tenant in names {
                        let request = self.kept(
                            SelectRequest(tenant: tenant, matchers: matchers, range: range)
                        )
                        found.append(try await ask(tenant, request))
                    }
                }
                return found
            }
        }
    }

    /// Runs a query in its place and ends it when its time is over.
    ///
    /// - Parameter body: Told how long the query waited for its place.
    func timed<Value: Sendable>(
        _ timeout: Int64?,
        _ body: @escaping @Sendable (QueryDeadline, _ queued: Duration) async throws -> Value
    ) async throws -> Value {
        let limit = min(timeout ?? settings.timeout, settings.timeout)
        let deadline = QueryDeadline(timeout: .milliseconds(limit))
        // Waiting for a place is part of the query's time.
        let asked = ContinuousClock.now
        // A task of its own, so that the watch can cancel it without cancelling the caller.
        let run: @Sendable () async throws -> Value = {
            try await self.places.withPlace {
                try await body(deadline, ContinuousClock.now - asked)
            }
        }
        // Elsewhere not an immediate one: who asks one small query after the other would never leave its thread to others.
        let task =
            if let callers = Self.callersExecutor {
                Task.immediate(executorPreference: callers, operation: run)
            } else {
                Task(executorPreference: executor, operation: run)
            }
        let watched = deadlines.add(deadline) { task.cancel() }
        defer { deadlines.remove(watched) }
        return try await withTaskCancellationHandler {
            let result = await task.result
            // Whatever a query says that was told to end: why it was told counts.
            if deadline.wasCancelled || Task.isCancelled { throw QueryError.cancelled }
            if deadline.hasExpired { throw QueryError.timeout(Self.timeoutText) }
            return try result.get()
        } onCancel: {
            deadline.cancel()
            task.cancel()
        }
    }

    private static let timeoutText = "query timed out in query execution"

    static func check(_ deadline: QueryDeadline) throws {
        if deadline.isOver { throw QueryError.timeout(timeoutText) }
        if deadline.wasCancelled || Task.isCancelled { throw QueryError.cancelled }
    }
}
