public import MetricsModel

/// Where orders to forget samples are kept, and what is left of a tenant.
///
/// Every call throws ``StoreError``.
public protocol DeletionStore: Sendable {
    /// Commits an order; queries that begin later obey it.
    ///
    /// - Returns: it, with its number and the store's time.
    func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) async throws -> SeriesDeletion

    /// The tenant's deletions that are not done and overlap a range, by number.
    func deletionsInForce(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion]

    /// The tenant's deletions that a query of a range has to know before it knows blocks, by number: those of
    /// ``deletionsInForce(of:overlapping:)``, and one that is done, if any is that overlaps the range, as new as the newest
    /// of these at least.
    func latestDeletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion]

    /// All the tenant's deletions that overlap a range, those that are done too, by number.
    func deletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion]

    /// The tenant's newest deletions, those that are done too, newest first.
    func deletions(of tenant: TenantID, limit: Int) async throws -> [SeriesDeletion]

    /// Tenants with deletions that are not done, by name.
    func tenantsWithDeletions() async throws -> [TenantID]

    /// Moves a deletion on; one that has come farther already, or is not there, stays as it is, and so does one that
    /// would be done while a live block of its range has not seen it.
    ///
    /// - Returns: whether it was moved.
    @discardableResult
    func advance(_ deletion: SeriesDeletion, to phase: SeriesDeletion.Phase) async throws -> Bool

    /// The tenant's live blocks that overlap a range and have not seen a deletion, oldest first.
    ///
    /// - Parameter limit: Most rows in the answer.
    func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange,
        notSeen deletion: Int64,
        limit: Int
    ) async throws -> [BlockRecord]

    /// Shows blocks without the samples of deletions in place of the one that had them.
    ///
    /// - Parameters:
    ///   - children: Staged blocks; none where nothing is left, the parent itself where it lost nothing.
    ///   - seen: The newest deletion that was applied.
    ///   - removed: How many samples each deletion took, by number.
    /// - Throws: ``StoreError/leaseLost(_:)``, ``StoreError/notLive(_:)``, ``StoreError/missing(_:)``; then nothing
    ///   has changed.
    func rewrite(
        _ parent: BlockRecord,
        as children: [BlockRecord],
        seen: Int64,
        removed: [Int64: Int],
        under lease: Lease,
        grace: Duration
    ) async throws

    /// Rows that a tenant has, by table; tables with none are there with 0.
    func rowCounts(of tenant: TenantID) async throws -> [String: Int]
}
