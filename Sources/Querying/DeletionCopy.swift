public import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// The last good copy of all tenants' deletions that are not done, for queries while the store is away.
///
/// While nobody reaches the store no deletion can be ordered, so the copy lacks those at most that were ordered between
/// its reading and the outage.
public final class DeletionCopy: Sendable {
    private struct State {
        var deletions: [TenantID: [SeriesDeletion]]
        var readAt: ContinuousClock.Instant
    }

    /// More than so many bytes of selectors are too many to keep.
    public struct TooLarge: Error, CustomStringConvertible {
        public let limit: Int

        public var description: String {
            "deletions that are not done have more than \(limit) bytes of selectors"
        }
    }

    /// Bytes of selectors of all tenants.
    static let maximumSize = 64 << 20

    private let state = Mutex<State?>(nil)

    public init() {}

    /// Reads them again; where that fails the copy stays as it is.
    public func refresh(from store: any DeletionStore) async throws {
        let readAt = ContinuousClock.now
        var deletions: [TenantID: [SeriesDeletion]] = [:]
        var size = 0
        for tenant in try await store.tenantsWithDeletions() {
            let found = try await store.deletionsInForce(of: tenant, overlapping: .all)
            size += found.reduce(0) { $0 + $1.selectors.reduce(64) { $0 + $1.utf8.count } }
            guard size <= Self.maximumSize else {
                // Without all of them nothing may be answered.
                state.withLock { $0 = nil }
                throw TooLarge(limit: Self.maximumSize)
            }
            deletions[tenant] = found
        }
        state.withLock { $0 = State(deletions: deletions, readAt: readAt) }
    }

    /// A tenant's deletions that overlap a range, and how old the copy is; nil where there is none.
    func deletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) -> (deletions: [SeriesDeletion], age: Duration)? {
        state.withLock { state in
            state.map { state in
                let found = state.deletions[tenant] ?? []
                return (
                    found.filter { $0.range.overlaps(range) }, ContinuousClock.now - state.readAt
                )
            }
        }
    }
}
