public import MetricsModel

/// The tenants that one query reads: one, or several by federation.
public struct TenantSet: Sendable, Equatable {
    /// Sorted, without repeats, never empty.
    public let tenants: [TenantID]

    /// The label that tells the series of several tenants apart.
    public static let label = "__tenant_id__"
    /// What a series' own label of that name becomes.
    static let originalLabel = "original___tenant_id__"
    /// Bound on one query's tenants: each is read on its own.
    public static let maximumCount = 64

    public init(_ tenant: TenantID) { tenants = [tenant] }

    /// Parses `a|b|c`, as the header `X-Scope-OrgID` carries it.
    public init(parsing text: String) throws(TenantError) {
        var names: Set<TenantID> = []
        for part in text.split(separator: "|", omittingEmptySubsequences: false) {
            names.insert(try TenantID(String(part)))
        }
        guard names.count <= Self.maximumCount else {
            throw .tooMany(names.count, limit: Self.maximumCount)
        }
        tenants = names.sorted()
    }

    public var isFederated: Bool { tenants.count > 1 }

    /// The tenants whose name passes the matchers on ``label``, and the matchers that are left for their series.
    func pruned(
        _ matchers: [LabelMatcher]
    ) -> (tenants: [TenantID], matchers: [LabelMatcher]) {
        guard isFederated else { return (tenants, matchers) }
        let onTenant = matchers.filter { $0.name == Self.label }
        return (
            tenants.filter { tenant in onTenant.allSatisfy { $0.matches(tenant.name) } },
            matchers.filter { $0.name != Self.label }.map(Self.onOriginal)
        )
    }

    /// The labels of one tenant's series in a federated answer.
    static func labels(_ labels: Labels, of tenant: TenantID) -> Labels {
        var builder = LabelsBuilder(labels)
        if let own = labels.value(of: label) { builder.set(originalLabel, own) }
        builder.set(label, tenant.name)
        return builder.build()
    }

    /// The name that a label of a federated answer has in store.
    static func storedName(_ name: String) -> String { name == originalLabel ? label : name }

    /// A matcher on the renamed label tests the label that the series have in store.
    private static func onOriginal(_ matcher: LabelMatcher) -> LabelMatcher {
        guard matcher.name == originalLabel else { return matcher }
        // The pattern was compiled before, so it compiles again.
        return (try? LabelMatcher(name: label, operation: matcher.operation, value: matcher.value))
            ?? matcher
    }
}
