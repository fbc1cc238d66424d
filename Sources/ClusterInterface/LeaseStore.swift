public import MetricsModel

/// Who may work on what: leases that end by themselves, by the store's clock.
///
/// A holder that was paused for long may believe that it still has its lease. So what it publishes carries the
/// lease's epoch, which the store checks in the same transaction. Every call throws ``StoreError``.
public protocol LeaseStore: Sendable {
    /// Takes a lease that nobody holds, or whose time is over.
    ///
    /// - Parameters:
    ///   - name: Unique within the tenant; not empty.
    ///   - holder: For people who look.
    /// - Returns: nil where another one holds it, or the same holder in another call.
    func acquireLease(
        _ name: String,
        of tenant: TenantID,
        holder: String,
        lasting: Duration
    ) async throws -> Lease?

    /// Lets a lease last from now on.
    ///
    /// - Throws: ``StoreError/leaseLost(_:)`` where another one has taken it since, or it was given up.
    func renewLease(_ lease: Lease, lasting: Duration) async throws

    /// Gives a lease up; one that is lost already is no error.
    func releaseLease(_ lease: Lease) async throws
}

/// The right to do one thing for one tenant, for a while.
public struct Lease: Sendable, Hashable {
    public var tenant: TenantID
    public var name: String
    /// Greater than that of every lease of the store taken before.
    public var epoch: Int64

    public init(tenant: TenantID, name: String, epoch: Int64) {
        self.tenant = tenant
        self.name = name
        self.epoch = epoch
    }
}
