public import ClusterInterface
internal import HeadStorage
public import MetricsModel
internal import Synchronization

extension Ingester {
    public func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        guard let head = try readable(request.tenant) else { return [] }
        let found = head.state.withLock { $0.head.select(request.matchers, request.range) }
        return found.map { SelectedSeries(labels: $0.labels, chunks: $0.chunks) }
    }

    public func series(_ request: SelectRequest) async throws -> [Labels] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.state.withLock { $0.head.series(request.matchers, request.range) }
    }

    public func labelNames(_ request: SelectRequest) async throws -> [String] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.state.withLock { $0.head.labelNames(request.matchers, request.range) }
    }

    public func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.state.withLock { $0.head.labelValues(name, request.matchers, request.range) }
    }

    public func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        guard let head = try readable(request.tenant) else { return [] }
        let found = head.state.withLock { $0.exemplars.select(request.matchers, request.range) }
        return found.map { SelectedExemplars(labels: $0.labels, exemplars: $0.exemplars) }
    }

    public func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.state.withLock { $0.metadata.select(request.metric) }
    }

    /// - Throws: ``IngesterError`` while the log is replayed: an answer would have holes.
    private func readable(_ tenant: TenantID) throws -> TenantHead? {
        let life = life
        guard life.takesReads else { throw IngesterError.notAcceptingReads(state: life.name) }
        return heads.existing(tenant)
    }
}
