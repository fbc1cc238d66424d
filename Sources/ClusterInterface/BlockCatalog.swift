public import MetricsModel

/// What the catalog tells without reading a block.
public protocol BlockCatalog: Sendable {
    /// Tenants that have blocks, by name; those whose blocks are all retired may be among them.
    ///
    /// - Parameters:
    ///   - last: Only those behind it; nil starts from the first.
    ///   - limit: Most tenants in the answer; fewer mean that there are no more.
    /// - Throws: ``StoreError``.
    func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID]

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
