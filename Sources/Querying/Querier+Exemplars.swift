public import ClusterInterface
internal import CoreMetrics
public import MetricsModel
internal import PromQL

extension Querier {
    /// Exemplars of the series that pass any of the selectors, sorted by labels, those of a series by time.
    ///
    /// - Parameter selectors: None select nothing.
    /// - Throws: ``QueryError``.
    public func exemplars(
        of tenants: TenantSet,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange
    ) async throws -> [SelectedExemplars] {
        guard !selectors.isEmpty else { return [] }
        let limit = settings.maximumExemplars
        let found = try await collect(.exemplars, tenants, selectors, range) { tenant, request in
            let series = try await self.gatherer.exemplars(request, limit: limit)
            guard tenants.isFederated else { return series }
            return series.map {
                SelectedExemplars(
                    labels: TenantSet.labels($0.labels, of: tenant),
                    exemplars: $0.exemplars
                )
            }
        }
        let merged = Gatherer.merge(found.flatMap(\.self))
        guard merged.reduce(0, { $0 + $1.exemplars.count }) <= limit else {
            throw QueryError.tooManyExemplars(limit: limit)
        }
        return merged
    }

    /// What is known of one metric, or of all, by name; several entries of a metric where senders, or tenants, differ.
    ///
    /// - Parameters:
    ///   - metric: Nil for all.
    ///   - range: Where blocks have samples that are looked at beside what senders say now.
    /// - Throws: ``QueryError``.
    public func metadata(
        of tenants: TenantSet,
        metric: String?,
        in range: TimeRange
    ) async throws -> [(name: String, entries: [MetricMetadata])] {
        try await metrics.measure(.metadata) {
            try await timed(nil) { _, _ in
                var metrics: [String: [MetricMetadata]] = [:]
                for tenant in tenants.tenants {
                    let request = MetadataRequest(tenant: tenant, metric: metric)
                    for (name, entries) in try await self.gatherer.metadata(request, in: range) {
                        for entry in entries { metrics[name].add(entry) }
                    }
                }
                return metrics.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { (name: $0.key, entries: $0.value) }
            }
        }
    }
}
