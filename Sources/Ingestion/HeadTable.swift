internal import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// The heads of all tenants of an ingester.
final class HeadTable: Sendable {
    private let settings: IngestionSettings
    private let heads = Mutex<[TenantID: TenantHead]>([:])

    init(settings: IngestionSettings) { self.settings = settings }

    func existing(_ tenant: TenantID) -> TenantHead? { heads.withLock { $0[tenant] } }

    /// - Throws: ``IngesterError/overloaded(what:limit:)`` where the ingester holds as many tenants as it may.
    func head(of tenant: TenantID) throws(IngesterError) -> TenantHead {
        let head = heads.withLock { heads -> TenantHead? in
            if let head = heads[tenant] { return head }
            guard heads.count < settings.maximumTenants else { return nil }
            let head = TenantHead(tenant: tenant, settings: settings)
            heads[tenant] = head
            return head
        }
        guard let head else {
            throw .overloaded(what: "tenants", limit: settings.maximumTenants)
        }
        return head
    }

    /// All heads, by tenant.
    var all: [TenantHead] { heads.withLock { $0.values.sorted { $0.tenant < $1.tenant } } }
}
