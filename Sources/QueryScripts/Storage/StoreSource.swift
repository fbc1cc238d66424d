internal import ClusterInterface
internal import MetricsModel
internal import PromQL
internal import Querying

/// Asks a querier, whose data is in a head and in blocks.
struct StoreSource: ScriptSource {
    private let querier: Querier
    private let features: QueryFeatures

    let printsQueries = true

    /// Stores the samples in a head and flushes those before a time (ms), none if nil.
    ///
    /// - Throws: ``StorageFault`` where a sample cannot be stored.
    init(_ series: [SeriesSamples], cutBefore end: Int64?, _ features: QueryFeatures) throws {
        let ingester = try HeadIngester(series)
        let blocks = try end.map { try ingester.flush(before: $0) } ?? []
        self.features = features
        var settings = QueryingSettings()
        // Scripts are right or wrong, however slow the machine is.
        settings.timeout = 3_600_000
        querier = Querier(
            settings: settings,
            directory: OneIngester(ingester: ingester),
            store: MemoryBlocks(blocks),
            workers: CallersThread()
        )
    }

    func answer(_ query: ScriptQuery) async throws -> QueryResult {
        try await querier.query(
            QueryRequest(
                tenants: TenantSet(.anonymous),
                text: query.expression?.description ?? query.text,
                start: query.start,
                end: query.end,
                step: query.step,
                features: features
            )
        )
    }
}

/// A cluster of one.
private struct OneIngester: IngesterDirectory {
    let ingester: HeadIngester

    func readers() -> ReadSet {
        ReadSet(only: "script", client: ingester)
    }
}

/// Does the work where it is asked for: nothing else waits in a script.
private struct CallersThread: WorkerPool {
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}
