internal import ClusterInterface
internal import Ingestion
internal import MetricsModel
internal import Synchronization

/// An ingester as another process reaches it.
struct RemoteIngester: IngesterClient {
    let process: SimulatedProcess
    let endpoint: Endpoint<Ingester>
    let network: SimulatedNetwork

    private static let writeTimeout = Duration.seconds(5)
    private static let readTimeout = Duration.seconds(20)
    /// Storing all of a tenant takes as long as the store does.
    private static let storeTimeout = Duration.seconds(60)

    private func call<Answer: Sendable>(
        within timeout: Duration = readTimeout,
        _ body: @escaping @Sendable (Ingester) async throws -> Answer
    ) async throws -> Answer {
        try await network.call(from: process, to: endpoint, within: timeout, body)
    }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        try await call(within: Self.writeTimeout) { try await $0.write(batch) }
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        try await call { try await $0.select(request) }
    }

    /// Every piece is a message: it is made some time after the last one, comes some time after it, and may be lost with all
    /// that follow.
    func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        let pieces = try await call { [network] ingester in
            let pieces = Mutex<[PackedSeries]>([])
            try await ingester.streamSeries(request) { piece in
                pieces.withLock { $0.append(piece) }
                try await network.pause()
            }
            return pieces.withLock { $0 }
        }
        for piece in pieces {
            try await network.pause()
            guard process.isAlive else { throw CancellationError() }
            guard !network.isLost(from: endpoint.name, to: process.name) else {
                throw NetworkError.timedOut
            }
            try await take(piece)
        }
    }

    func series(_ request: SelectRequest) async throws -> [Labels] {
        try await call { try await $0.series(request) }
    }

    func labelNames(_ request: SelectRequest) async throws -> [String] {
        try await call { try await $0.labelNames(request) }
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        try await call { try await $0.labelValues(name, request) }
    }

    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        try await call { try await $0.exemplars(request) }
    }

    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        try await call { try await $0.metadata(request) }
    }

    func storeSamples(of tenant: TenantID) async throws {
        try await call(within: Self.storeTimeout) { try await $0.storeSamples(of: tenant) }
    }

    func countedSeries(_ request: SelectRequest) async throws -> [CountedSeries] {
        try await call { try await $0.countedSeries(request) }
    }
}
