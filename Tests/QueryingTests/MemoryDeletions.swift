import ClusterInterface
import MetricsModel
import Synchronization

/// Deletions in an array, which can be away.
final class MemoryDeletions: DeletionStore {
    private struct State {
        var deletions: [SeriesDeletion] = []
        var failure: StoreError?
    }

    private let state = Mutex(State())

    init(_ deletions: [SeriesDeletion] = []) { state.withLock { $0.deletions = deletions } }

    func fail(with failure: StoreError?) { state.withLock { $0.failure = failure } }

    func tenantsWithDeletions() async throws -> [TenantID] {
        Set(try await all().map(\.tenant)).sorted()
    }

    func deletionsInForce(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await deletions(of: tenant, overlapping: range).filter { $0.phase != .done }
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
        try await all().filter { $0.tenant == tenant && $0.range.overlaps(range) }
    }

    func deletions(of tenant: TenantID, limit: Int) async throws -> [SeriesDeletion] {
        Array(try await all().filter { $0.tenant == tenant }.prefix(limit))
    }

    private func all() async throws -> [SeriesDeletion] {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.deletions
        }
    }

    func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) async throws -> SeriesDeletion {
        throw StoreError.unavailable("a querier orders nothing")
    }

    @discardableResult
    func advance(
        _ deletion: SeriesDeletion,
        to phase: SeriesDeletion.Phase
    ) async throws -> Bool {
        throw StoreError.unavailable("a querier advances nothing")
    }

    func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange,
        notSeen deletion: Int64,
        limit: Int
    ) async throws -> [BlockRecord] {
        throw StoreError.unavailable("a querier rewrites nothing")
    }

    func rewrite(
        _ parent: BlockRecord,
        as children: [BlockRecord],
        seen: Int64,
        removed: [Int64: Int],
        under lease: Lease,
        grace: Duration
    ) async throws {
        throw StoreError.unavailable("a querier rewrites nothing")
    }

    func rowCounts(of tenant: TenantID) async throws -> [String: Int] {
        throw StoreError.unavailable("a querier counts nothing")
    }
}
