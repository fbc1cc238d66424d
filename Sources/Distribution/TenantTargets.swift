internal import HashRing
public import MetricsModel
internal import Synchronization

/// The ring at one moment, and the parts of it that tenants' shards are, made when a tenant first writes.
///
/// A look at it costs a request some ten nanoseconds and allocates nothing; its series are then looked up on a ring that has
/// no other members.
public final class TenantTargets: Sendable {
    private struct Key: Hashable {
        var tenant: TenantID
        var size: Int
    }

    private struct State {
        var all: WriteTargets
        /// Counts the rings.
        var version = 0
        var shards: [Key: WriteTargets] = [:]
        /// Tokens of all shards.
        var tokenCount = 0
    }

    private let replicationFactor: Int
    private let maximumTokens: Int
    private let state: Mutex<State>

    /// Tokens that are kept for all shards: 80 MB, or 2000 shards of four members.
    public static let defaultMaximumTokens = 1 << 22
    /// What a shard is counted as beside its tokens.
    private static let leastTokens = 32

    /// - Parameter maximumTokens: All shards are made anew as they are needed once they have more tokens than this.
    public init(
        _ all: WriteTargets,
        replicationFactor: Int,
        maximumTokens: Int = TenantTargets.defaultMaximumTokens
    ) {
        self.replicationFactor = replicationFactor
        self.maximumTokens = maximumTokens
        state = Mutex(State(all: all))
    }

    /// The whole ring.
    public var all: WriteTargets { state.withLock { $0.all } }

    /// Takes another ring.
    public func replace(_ all: WriteTargets) {
        // The old shards are freed after the lock.
        _ = state.withLock { state in
            let old = state
            state = State(all: all, version: state.version + 1)
            return old.shards
        }
    }

    /// Where a tenant's series go.
    ///
    /// - Parameter size: Of its shard; 0 is everywhere.
    public func targets(of tenant: TenantID, size: Int) -> WriteTargets {
        guard size > 0 else { return all }
        let key = Key(tenant: tenant, size: size)
        let (found, all, version) = state.withLock { ($0.shards[key], $0.all, $0.version) }
        if let found { return found }
        let shard = ShuffleShard(tenant: tenant.name, size: size)
            .writers(of: all.ring, replicationFactor: replicationFactor)
            .map { all.restricted(to: $0) }
        let targets = shard ?? all
        // Tenants that have all members share them.
        let tokens = Self.leastTokens + (shard?.ring.members.count ?? 0) * ShuffleShard.tokenCount
        state.withLock { state in
            guard state.version == version, state.shards[key] == nil else { return }
            if state.tokenCount + tokens > maximumTokens {
                state.shards = [:]
                state.tokenCount = 0
            }
            state.shards[key] = targets
            state.tokenCount += tokens
        }
        return targets
    }
}
