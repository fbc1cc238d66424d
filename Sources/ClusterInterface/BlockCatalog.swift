public import MetricsModel

/// What the catalog tells without reading a block.
public protocol BlockCatalog: Sendable {
    /// Tenants that have blocks, in the order of their names' bytes.
    ///
    /// - Parameters:
    ///   - tenant: The last one of the page before; nil for the first page.
    ///   - limit: Tenants in the page at most; fewer mean that there are no more.
    /// - Throws: ``StoreError``.
    func tenants(after tenant: TenantID?, limit: Int) async throws -> [TenantID]

    /// The metrics of the tenant's blocks with samples in the range, the oldest block first.
    ///
    /// - Throws: ``StoreError``.
    func metrics(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockMetrics]
}

/// The metrics of one block.
public struct BlockMetrics: Sendable, Equatable {
    /// From the block's first sample to one past the last.
    public var range: TimeRange
    /// In any order.
    public var metrics: [MetricSummary]

    public init(range: TimeRange, metrics: [MetricSummary]) {
        self.range = range
        self.metrics = metrics
    }
}
