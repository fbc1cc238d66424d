import ClusterInterface
import Compaction
import MetricsModel
import Synchronization

/// A store whose user dies at one of its calls: the call, and every later one, throws.
final class FaultyStore: BlockMaintenance, LeaseStore, DeletionStore {
    struct Death: Error {}

    /// Where in the fatal call it dies.
    enum Moment: CaseIterable {
        case before
        case after
    }

    private struct State {
        var callsLeft: Int
        var isDead = false
    }

    private let store: any Compactor.Store
    private let moment: Moment
    private let state: Mutex<State>

    /// - Parameter callCount: Calls that succeed before the fatal one.
    init(_ store: any Compactor.Store, dyingAfter callCount: Int, _ moment: Moment) {
        self.store = store
        self.moment = moment
        state = Mutex(State(callsLeft: callCount))
    }

    var isDead: Bool { state.withLock { $0.isDead } }

    private func call<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isFatal = try state.withLock { state in
            if state.isDead { throw Death() }
            state.callsLeft -= 1
            state.isDead = state.callsLeft < 0
            return state.isDead
        }
        guard isFatal else { return try await body() }
        if moment == .after { _ = try await body() }
        throw Death()
    }

    func publish(_ block: NewBlock) async throws -> Bool {
        try await call { try await store.publish(block) }
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        try await call { try await store.blocks(of: tenant, overlapping: range) }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try await call { try await store.read(block, ranges: ranges) }
    }

    func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID] {
        try await call { try await store.tenantsWithBlocks(after: last, limit: limit) }
    }

    func liveBlocks(
        belowLevel level: Int,
        after last: BlockRecord?,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await call { try await store.liveBlocks(belowLevel: level, after: last, limit: limit) }
    }

    func stage(_ block: NewBlock, under lease: Lease) async throws {
        try await call { try await store.stage(block, under: lease) }
    }

    func replace(
        _ parents: [BlockRecord],
        with children: [BlockRecord],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await call {
            try await store.replace(parents, with: children, under: lease, grace: grace)
        }
    }

    func retireBlocks(endingBy time: Int64, under lease: Lease, grace: Duration) async throws -> Int
    {
        try await call { try await store.retireBlocks(endingBy: time, under: lease, grace: grace) }
    }

    func removeRetiredBlocks(of tenant: TenantID, limit: Int) async throws -> RemovedBlocks {
        try await call { try await store.removeRetiredBlocks(of: tenant, limit: limit) }
    }

    func maintain() async throws { try await call { try await store.maintain() } }

    func acquireLease(
        _ name: String,
        of tenant: TenantID,
        holder: String,
        lasting: Duration
    ) async throws -> Lease? {
        try await call {
            try await store.acquireLease(name, of: tenant, holder: holder, lasting: lasting)
        }
    }

    /// Not counted: it comes whenever its time has come.
    func renewLease(_ lease: Lease, lasting: Duration) async throws {
        if isDead { throw Death() }
        try await store.renewLease(lease, lasting: lasting)
    }

    func releaseLease(_ lease: Lease) async throws {
        try await call { try await store.releaseLease(lease) }
    }

    func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) async throws -> SeriesDeletion {
        try await call { try await store.order(selectors, of: tenant, in: range) }
    }

    func deletionsInForce(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await call { try await store.deletionsInForce(of: tenant, overlapping: range) }
    }

    func latestDeletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await call { try await store.latestDeletions(of: tenant, overlapping: range) }
    }

    func deletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await call { try await store.deletions(of: tenant, overlapping: range) }
    }

    func deletions(of tenant: TenantID, limit: Int) async throws -> [SeriesDeletion] {
        try await call { try await store.deletions(of: tenant, limit: limit) }
    }

    func tenantsWithDeletions() async throws -> [TenantID] {
        try await call { try await store.tenantsWithDeletions() }
    }

    @discardableResult
    func advance(
        _ deletion: SeriesDeletion,
        to phase: SeriesDeletion.Phase
    ) async throws -> Bool {
        try await call { try await store.advance(deletion, to: phase) }
    }

    func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange,
        notSeen deletion: Int64,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await call {
            try await store.blocks(
                of: tenant,
                overlapping: range,
                notSeen: deletion,
                limit: limit
            )
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
        try await call {
            try await store.rewrite(
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
        try await call { try await store.rowCounts(of: tenant) }
    }
}
