import ClusterInterface
import MetricsModel
import Synchronization

/// A store in memory that fails and waits when told to.
final class MemoryBlockStore: BlockStore {
    private struct Key: Hashable {
        var tenant: TenantID
        var id: BlockID
    }

    private struct State {
        var blocks: [Key: NewBlock] = [:]
        var calls: [BlockID] = []
        var running = 0
        var maximumRunning = 0
        /// Publishing fails for these tenants; nil is all.
        var failing: Set<TenantID>? = []
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var beforePublish: (@Sendable () async throws -> Void)?
        var afterPublish: (@Sendable () async throws -> Void)?
    }

    private let journal: Journal?
    private let state = Mutex(State())

    init(journal: Journal? = nil, blocks: [NewBlock] = []) {
        self.journal = journal
        state.withLock { state in
            for block in blocks {
                state.blocks[Key(tenant: block.record.tenant, id: block.record.id)] = block
            }
        }
    }

    // MARK: What tests do

    /// By tenant, then by start.
    var blocks: [NewBlock] {
        state.withLock { state in
            state.blocks.values.sorted {
                ($0.record.tenant, $0.record.range.start, $0.record.id.high)
                    < ($1.record.tenant, $1.record.range.start, $1.record.id.high)
            }
        }
    }

    /// Ids in the order of the calls, repeated and failed ones too.
    var calls: [BlockID] { state.withLock { $0.calls } }

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    var maximumRunning: Int { state.withLock { $0.maximumRunning } }

    /// - Parameter tenants: Those whose blocks are refused; nil is everybody.
    func fail(for tenants: Set<TenantID>?) { state.withLock { $0.failing = tenants } }

    /// Makes the directories of all blocks unreadable.
    func damage() {
        state.withLock { state in
            for key in state.blocks.keys { state.blocks[key]?.body[30] ^= 0xFF }
        }
    }

    /// Lets publishing wait until ``open()``.
    func close() { state.withLock { $0.isClosed = true } }

    func open() {
        let waiting = state.withLock { state in
            state.isClosed = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func observe(
        before: @escaping @Sendable () async throws -> Void,
        after: @escaping @Sendable () async throws -> Void
    ) {
        state.withLock { state in
            state.beforePublish = before
            state.afterPublish = after
        }
    }

    // MARK: BlockStore

    func publish(_ block: NewBlock) async throws -> Bool {
        let (before, after) = state.withLock { state in
            state.calls.append(block.record.id)
            state.running += 1
            state.maximumRunning = max(state.maximumRunning, state.running)
            return (state.beforePublish, state.afterPublish)
        }
        defer { state.withLock { $0.running -= 1 } }
        try await before?()
        await waitWhileClosed()
        let isNew = try state.withLock { state in
            guard let failing = state.failing, !failing.contains(block.record.tenant) else {
                throw StoreError.unavailable("the test says so")
            }
            let key = Key(tenant: block.record.tenant, id: block.record.id)
            guard state.blocks[key] == nil else { return false }
            state.blocks[key] = block
            journal?.add(.published(block))
            return true
        }
        try await after?()
        return isNew
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        blocks.map(\.record).filter { $0.tenant == tenant && $0.range.overlaps(range) }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        let key = Key(tenant: block.tenant, id: block.id)
        guard let stored = state.withLock({ $0.blocks[key] }) else {
            throw StoreError.missing("block \(block.id)")
        }
        return ranges.map { Array(stored.body[$0]) }
    }

    private func waitWhileClosed() async {
        await withCheckedContinuation { continuation in
            let mayGo = state.withLock { state in
                if state.isClosed { state.waiting.append(continuation) }
                return !state.isClosed
            }
            if mayGo { continuation.resume() }
        }
    }
}
