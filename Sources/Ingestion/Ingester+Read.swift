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

    /// - Throws: ``IngesterError`` while the log is replayed: an answer would have holes.
    func readable(_ tenant: TenantID) throws -> TenantHead? {
        let life = life
        guard life.takesReads else { throw IngesterError.notAcceptingReads(state: life.name) }
        return heads.existing(tenant)
    }
}
