internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel
internal import Synchronization

/// The heads of all tenants of an ingester.
final class HeadTable: Sendable {
    private let settings: IngestionSettings
    private let limits: LimitsTable
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64
    private let isAside: Bool
    private let state = Mutex(State())

    private struct State {
        var heads: [TenantID: TenantHead] = [:]
        /// Whether no head takes anything any more.
        var isClosed = false
        /// The newest time of a sample that a head had that is forgotten, ms.
        var newestForgotten = Int64.min
    }

    /// - Parameter isAside: Whether its heads are only there until the log is read.
    init(
        settings: IngestionSettings,
        limits: LimitsTable,
        isAside: Bool = false,
        now: @escaping @Sendable () -> Int64
    ) {
        self.settings = settings
        self.isAside = isAside
        self.limits = limits
        self.now = now
    }

    func existing(_ tenant: TenantID) -> TenantHead? { state.withLock { $0.heads[tenant] } }

    /// - Throws: ``IngesterError/overloaded(what:limit:)`` where the ingester holds as many tenants as it may.
    func head(of tenant: TenantID) throws(IngesterError) -> TenantHead {
        guard let head = head(of: tenant, limit: settings.maximumTenants, begin: now) else {
            throw .overloaded(what: "tenants", limit: settings.maximumTenants)
        }
        return head
    }

    /// The head of a tenant with samples in the log, which were acknowledged: no limit refuses it.
    func replayedHead(of tenant: TenantID) -> TenantHead? {
        head(of: tenant, limit: .max) { .min }
    }

    /// - Parameter begin: The time before which a new head has taken nothing.
    private func head(of tenant: TenantID, limit: Int, begin: () -> Int64) -> TenantHead? {
        state.withLock { state in
            if let head = state.heads[tenant] { return head }
            guard state.heads.count < limit else { return nil }
            let head = TenantHead(
                tenant: tenant,
                settings: settings,
                limits: limits.limits(for: tenant),
                isAside: isAside,
                storedThrough: begin()
            )
            if state.isClosed { head.forget() }
            state.heads[tenant] = head
            return head
        }
    }

    /// Forgets a head that has no series; a write that holds it already will ask for another one.
    ///
    /// - Returns: Whether it did.
    func forgetIfEmpty(_ head: TenantHead) -> Bool {
        state.withLock { table in
            let isEmpty = head.state.withLock { state in
                state.isForgotten = state.holdsNothing
                if state.isForgotten {
                    table.newestForgotten = max(table.newestForgotten, state.head.newestDropped)
                }
                return state.isForgotten
            }
            if isEmpty, table.heads[head.tenant] === head { table.heads[head.tenant] = nil }
            return isEmpty
        }
    }

    /// The newest time of a sample of a tenant that left memory, ms, or a later one: of all heads that are forgotten one
    /// number is kept.
    func newestDropped(of tenant: TenantID) -> Int64 {
        let (head, forgotten) = state.withLock { ($0.heads[tenant], $0.newestForgotten) }
        return max(forgotten, head?.state.withReadLock { $0.head.newestDropped } ?? .min)
    }

    /// Lets no head take anything any more, those to come included.
    func close() {
        let heads = state.withLock { state in
            state.isClosed = true
            return state.heads.values
        }
        for head in heads { head.forget() }
    }

    /// All heads, in any order.
    var unordered: [TenantHead] { state.withLock { Array($0.heads.values) } }

    /// All heads, by tenant.
    var all: [TenantHead] { state.withLock { $0.heads.values.sorted { $0.tenant < $1.tenant } } }
}
