internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// Directories of blocks that were read lately; blocks never change, so nothing is ever out of date.
final class DirectoryCache: Sendable {
    struct Key: Hashable, Sendable {
        var tenant: TenantID
        var block: BlockID
    }

    private struct State {
        var directories: [Key: BlockDirectory] = [:]
        /// By age; the oldest leaves first.
        var order: [Key] = []
    }

    private let maximumCount: Int
    private let state = Mutex(State())

    init(maximumCount: Int) { self.maximumCount = maximumCount }

    subscript(key: Key) -> BlockDirectory? { state.withLock { $0.directories[key] } }

    func insert(_ directory: BlockDirectory, for key: Key) {
        state.withLock { state in
            guard state.directories.updateValue(directory, forKey: key) == nil else { return }
            state.order.append(key)
            guard state.order.count > maximumCount else { return }
            // A quarter at a time: the array is moved once for many insertions.
            let leaving = max(1, maximumCount / 4)
            for old in state.order.prefix(leaving) { state.directories[old] = nil }
            state.order.removeFirst(leaving)
        }
    }
}
