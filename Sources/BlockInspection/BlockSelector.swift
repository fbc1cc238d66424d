public import ClusterInterface
public import MetricsModel

/// Which blocks of a store are meant.
public struct BlockSelector: Sendable, Equatable {
    /// Nil for all.
    public var tenant: TenantID?
    /// How the name of the block begins, in hexadecimal; nil for all.
    public var block: String?
    public var range = TimeRange.all

    public init() {}

    /// Tenants that are asked for at once.
    private static let tenantsPerPage = 1000

    /// The catalog rows, tenant by tenant, oldest first.
    public func blocks(
        of store: any BlockStore,
        _ catalog: any BlockCatalog
    ) async throws -> [BlockRecord] {
        if let tenant { return try await blocks(of: tenant, store) }
        var found: [BlockRecord] = []
        var last: TenantID?
        while true {
            let page = try await catalog.tenantsWithBlocks(after: last, limit: Self.tenantsPerPage)
            for tenant in page { found += try await blocks(of: tenant, store) }
            guard page.count == Self.tenantsPerPage else { return found }
            last = page.last
        }
    }

    private func blocks(
        of tenant: TenantID,
        _ store: any BlockStore
    ) async throws -> [BlockRecord] {
        let all = try await store.blocks(of: tenant, overlapping: range)
        guard let block else { return all }
        return all.filter { $0.id.description.hasPrefix(block) }
    }
}
