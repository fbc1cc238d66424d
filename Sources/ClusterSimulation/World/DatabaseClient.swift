internal import ClusterInterface
internal import HashRing
internal import MetricsModel

/// One process's way to the database.
///
/// Each call is one transaction; where the answer is lost it may have been committed, and the caller cannot know.
struct DatabaseClient: BlockMaintenance, LeaseStore, DeletionStore, RingStore {
    let process: SimulatedProcess
    let database: SimulatedDatabase
    let network: SimulatedNetwork

    private static let timeout = Duration.seconds(3)

    private func perform<Answer: Sendable>(
        _ transaction: @escaping @Sendable (SimulatedDatabase) throws -> Answer
    ) async throws -> Answer {
        do {
            return try await network.call(
                from: process,
                to: database.endpoint,
                within: Self.timeout,
                mayRepeat: false
            ) { try transaction($0) }
        } catch let error as NetworkError {
            throw StoreError.unavailable("\(error)")
        }
    }

    // MARK: BlockStore

    @discardableResult
    func publish(_ block: NewBlock) async throws -> Bool {
        try await perform { try $0.publish(block) }
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        try await perform { $0.blocks(of: tenant, overlapping: range) }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try await perform { try $0.read(BlockRead(block, ranges: ranges)) }
    }

    func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        try await perform { database in try wanted.map { try database.read($0) } }
    }

    // MARK: BlockMaintenance

    func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID] {
        try await perform { database in
            let names = Set(database.rows.keys.map(\.tenant)).sorted()
            let rest = last.map { last in names.filter { $0 > last } } ?? names
            return Array(rest.prefix(limit))
        }
    }

    func liveBlocks(
        belowLevel level: Int,
        after last: BlockRecord?,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await perform { database in
            let blocks = database.liveRecords.filter { block in
                guard block.level < level else { return false }
                guard let last else { return true }
                return (block.tenant, block.range.start, block.id)
                    > (last.tenant, last.range.start, last.id)
            }
            return Array(blocks.prefix(limit))
        }
    }

    func stage(_ block: NewBlock, under lease: Lease) async throws {
        try await perform { try $0.stage(block, under: lease) }
    }

    func replace(
        _ parents: [BlockRecord],
        with children: [BlockRecord],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await perform { try $0.replace(parents, with: children, under: lease, grace: grace) }
    }

    func retireBlocks(
        endingBy time: Int64,
        under lease: Lease,
        grace: Duration
    ) async throws -> Int {
        try await perform { try $0.retireBlocks(endingBy: time, under: lease, grace: grace) }
    }

    func removeRetiredBlocks(of tenant: TenantID, limit: Int) async throws -> RemovedBlocks {
        try await perform { $0.removeRetiredBlocks(of: tenant, limit: limit) }
    }

    func maintain() async throws {}

    // MARK: LeaseStore

    func acquireLease(
        _ name: String,
        of tenant: TenantID,
        holder: String,
        lasting: Duration
    ) async throws -> Lease? {
        try await perform { $0.acquireLease(name, of: tenant, lasting: lasting) }
    }

    func renewLease(_ lease: Lease, lasting: Duration) async throws {
        try await perform { try $0.renew(lease, lasting: lasting) }
    }

    func releaseLease(_ lease: Lease) async throws {
        try await perform { $0.release(lease) }
    }

    // MARK: DeletionStore

    func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) async throws -> SeriesDeletion {
        try await perform { $0.order(selectors, of: tenant, in: range) }
    }

    func deletionsInForce(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await perform { database in
            database.deletions.filter {
                $0.tenant == tenant && $0.phase != .done && $0.range.overlaps(range)
            }
        }
    }

    func latestDeletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        let all = try await deletions(of: tenant, overlapping: range)
        let done = all.last { $0.phase == .done }
        return all.filter { $0.phase != .done || $0.number == done?.number }
    }

    func deletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await perform { database in
            database.deletions.filter { $0.tenant == tenant && $0.range.overlaps(range) }
        }
    }

    func deletions(of tenant: TenantID, limit: Int) async throws -> [SeriesDeletion] {
        try await perform { database in
            Array(database.deletions.filter { $0.tenant == tenant }.reversed().prefix(limit))
        }
    }

    func tenantsWithDeletions() async throws -> [TenantID] {
        try await perform { database in
            Set(database.deletions.filter { $0.phase != .done }.map(\.tenant)).sorted()
        }
    }

    @discardableResult
    func advance(
        _ deletion: SeriesDeletion,
        to phase: SeriesDeletion.Phase
    ) async throws -> Bool {
        try await perform { $0.advance(deletion, to: phase) }
    }

    func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange,
        notSeen deletion: Int64,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await perform { database in
            let found = database.blocks(of: tenant, overlapping: range)
            return Array(found.filter { $0.deletionsSeen < deletion }.prefix(limit))
        }
    }

    func rewrite(
        _ parent: BlockRecord,
        as children: [BlockRecord],
        seen: Int64,
        removed: [Int64: Int],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await perform {
            try $0.rewrite(
                parent,
                as: children,
                seen: seen,
                removed: removed,
                under: lease,
                grace: grace
            )
        }
    }

    func rowCounts(of tenant: TenantID) async throws -> [String: Int] {
        try await perform { database in
            ["blocks": database.rows.keys.filter { $0.tenant == tenant }.count]
        }
    }

    // MARK: RingStore

    func register(_ member: RingMember) async throws -> RingMember {
        try await perform { $0.register(member) }
    }

    func heartbeat(_ member: RingMember) async throws {
        try await perform { try $0.heartbeat(member) }
    }

    func unregister(_ member: RingMember) async throws {
        try await perform { try $0.unregister(member) }
    }

    func members() async throws -> [RingMember] {
        try await perform { $0.allMembers() }
    }
}
