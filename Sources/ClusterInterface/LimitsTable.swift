public import MetricsModel
internal import Synchronization

/// The limits of all tenants as they are in force now; roles ask it once for each request.
///
/// Replaced as a whole: a request that asked before goes on with what it was told, and no request sees a mixture.
public final class LimitsTable: Sendable {
    /// Limits at one time.
    private struct Snapshot {
        var defaults: TenantLimits
        var overrides: [TenantID: TenantLimits]
    }

    private let snapshot: Mutex<Snapshot>
    private let observers = Mutex<[@Sendable (Change) -> Void]>([])

    /// Limits that are about to be replaced, and those that come.
    public struct Change: Sendable {
        public var former: [TenantID: TenantLimits]
        public var coming: [TenantID: TenantLimits]
        public var defaults: TenantLimits
    }

    /// - Parameter defaults: For tenants that have no limits of their own.
    public init(
        defaults: TenantLimits = TenantLimits(),
        overrides: [TenantID: TenantLimits] = [:]
    ) {
        snapshot = Mutex(Snapshot(defaults: defaults, overrides: overrides))
    }

    /// What holds for a tenant; one look into a dictionary.
    public func limits(for tenant: TenantID) -> TenantLimits {
        snapshot.withLock { $0.overrides[tenant] ?? $0.defaults }
    }

    /// What holds for a tenant that has no limits of its own.
    public var defaults: TenantLimits { snapshot.withLock { $0.defaults } }

    /// Has the body called before each change.
    public func observe(_ body: @escaping @Sendable (Change) -> Void) {
        observers.withLock { $0.append(body) }
    }

    /// Puts other limits into force, for all tenants at once.
    public func replace(overrides: [TenantID: TenantLimits]) {
        let (former, defaults) = snapshot.withLock { ($0.overrides, $0.defaults) }
        let change = Change(former: former, coming: overrides, defaults: defaults)
        for observer in observers.withLock({ $0 }) { observer(change) }
        // The old dictionary is freed after the lock.
        _ = snapshot.withLock { snapshot in
            let old = snapshot.overrides
            snapshot.overrides = overrides
            return old
        }
    }
}
