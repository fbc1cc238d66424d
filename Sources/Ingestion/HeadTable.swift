internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel
internal import Synchronization

/// The heads of all tenants of an ingester.
final class HeadTable: Sendable {
    private let settings: IngestionSettings
    private let limits: LimitsTable
    private let heads = Mutex<[TenantID: TenantHead]>([:])

    init(settings: IngestionSettings, limits: LimitsTable) {
        self.settings = settings
        self.limits = limits
    }

    func existing(_ tenant: TenantID) -> TenantHead? { heads.withLock { $0[tenant] } }

    /// - Throws: ``IngesterError/overloaded(what:limit:)`` where the ingester holds as many tenants as it may.
    func head(of tenant: TenantID) throws(IngesterError) -> TenantHead {
        guard let head = head(of: tenant, limit: settings.maximumTenants) else {
            throw .overloaded(what: "tenants", limit: settings.maximumTenants)
        }
        return head
    }

    /// The head of a tenant with samples in the log, which were acknowledged: no limit refuses it.
    func replayedHead(of tenant: TenantID) -> TenantHead? { head(of: tenant, limit: .max) }

    private func head(of tenant: TenantID, limit: Int) -> TenantHead? {
        heads.withLock { heads in
            if let head = heads[tenant] { return head }
            guard heads.count < limit else { return nil }
            let head = TenantHead(
                tenant: tenant,
                settings: settings,
                limits: limits.limits(for: tenant)
            )
            heads[tenant] = head
            return head
        }
    }

    /// Forgets a head that has no series; a write that holds it already will ask for another one.
    ///
    /// - Returns: Whether it did.
    func forgetIfEmpty(_ head: TenantHead) -> Bool {
        heads.withLock { heads in
            let isEmpty = head.state.withLock { state in
                state.isForgotten = state.holdsNothing
                return state.isForgotten
            }
            if isEmpty, heads[head.tenant] === head { heads[head.tenant] = nil }
            return isEmpty
        }
    }
    /// All heads, in any order.
    var unordered: [TenantHead] { heads.withLock { Array($0.values) } }

    /// All heads, by tenant.
    var all: [TenantHead] { heads.withLock { $0.values.sorted { $0.tenant < $1.tenant } } }
}
