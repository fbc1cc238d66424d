public import MetricsModel

/// What merging and removing blocks needs of a store beside ``BlockStore``.
///
/// Blocks that are retired are not found by queries any more, but their bytes can be read until they are removed,
/// by queries that were planned before. All times are those of the store's clock; every call throws ``StoreError``.
public protocol BlockMaintenance: BlockStore {
    /// Tenants that have blocks, live or retired, by name.
    ///
    /// - Parameters:
    ///   - last: Only those behind it; nil starts from the first.
    ///   - limit: Most tenants in the answer.
    func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID]

    /// Live blocks of all tenants below a level, by tenant, start and id.
    ///
    /// - Parameters:
    ///   - level: 1 ... 2.
    ///   - last: Only those behind it; nil starts from the first.
    ///   - limit: Most rows in the answer.
    func liveBlocks(
        belowLevel level: Int,
        after last: BlockRecord?,
        limit: Int
    ) async throws -> [BlockRecord]

    /// Stores a block that queries do not find yet; ``replace(_:with:under:grace:)`` shows it.
    ///
    /// A block that is live already stays as it is. One that is never shown is removed a day later.
    /// - Throws: ``StoreError/leaseLost(_:)`` as well.
    func stage(_ block: NewBlock, under lease: Lease) async throws

    /// Shows the children and retires the parents, in one transaction; a block that is both stays live.
    ///
    /// Children get the level of their record. Nothing changes where this throws.
    ///
    /// - Parameter grace: How long the parents' bytes can be read still.
    /// - Throws: ``StoreError/leaseLost(_:)`` where the lease's epoch is not the current one,
    ///   ``StoreError/notLive(_:)`` where a parent is not live any more, ``StoreError/missing(_:)`` where a child is
    ///   not there.
    func replace(
        _ parents: [BlockRecord],
        with children: [BlockRecord],
        under lease: Lease,
        grace: Duration
    ) async throws

    /// Retires the live blocks of the lease's tenant whose samples are all older than a time.
    ///
    /// - Parameter time: Of the block's range nothing is at or behind it, in milliseconds.
    /// - Returns: How many were retired.
    func retireBlocks(endingBy time: Int64, under lease: Lease, grace: Duration) async throws -> Int

    /// Deletes rows and bytes of a tenant's retired blocks whose grace is over.
    ///
    /// - Parameter limit: Most blocks in one call.
    func removeRetiredBlocks(of tenant: TenantID, limit: Int) async throws -> RemovedBlocks

    /// Makes room ahead and gives back what is empty, as the store needs it; in short steps, repeated calls do no
    /// harm.
    func maintain() async throws
}

/// What ``BlockMaintenance/removeRetiredBlocks(of:limit:)`` deleted.
public struct RemovedBlocks: Sendable, Equatable {
    public var count: Int
    /// Bytes of their bodies.
    public var size: Int

    public init(count: Int = 0, size: Int = 0) {
        self.count = count
        self.size = size
    }
}
