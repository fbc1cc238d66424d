internal import ClusterInterface
internal import MetricsModel
public import PromQL

extension Querier {
    /// How a query would be evaluated, and about how much it would read; no sample is read.
    ///
    /// - Throws: ``QueryError``.
    public func explain(_ request: QueryRequest) async throws -> PlanTree {
        try await metrics.measure(request.step == 0 ? .instant : .range) {
            try await timed(request.timeout) { deadline, _ in
                let plan = try self.plan(request)
                var tree = plan.tree
                tree.estimates = try await self.estimate(plan.selectors, request.tenants) {
                    try Self.check(deadline)
                }
                return tree
            }
        }
    }

    /// What each fetch is expected to read.
    func estimate(
        _ selectors: [PlannedSelector],
        _ tenants: TenantSet,
        _ check: @Sendable () throws -> Void
    ) async throws -> [FetchEstimate] {
        var estimates: [FetchEstimate] = []
        for selector in selectors {
            let (names, matchers) = tenants.pruned(selector.matchers)
            var estimate = FetchEstimate()
            for tenant in names where !selector.range.isEmpty {
                try check()
                let request = kept(
                    SelectRequest(tenant: tenant, matchers: matchers, range: selector.range)
                )
                estimate = try await estimate + gatherer.estimate(request)
            }
            estimates.append(estimate)
        }
        return estimates
    }
}
