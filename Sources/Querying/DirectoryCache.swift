internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel

/// Directories of blocks that were read lately; blocks never change, so nothing is ever out of date.
struct DirectoryCache: Sendable {
    struct Key: Hashable, Sendable {
        var tenant: TenantID
        var block: BlockID
    }

    private let cache: ShardedCache<Key, BlockDirectory>

    /// - Parameters:
    ///   - limit: Bytes of all directories together.
    ///   - shardCount: Each may hold an equal part.
    init(limit: Int, shardCount: Int = 4) {
        cache = ShardedCache(
            limit: limit,
            shardCount: shardCount,
            metrics: CacheMetrics(cache: "directories")
        )
    }

    subscript(key: Key) -> BlockDirectory? { cache[key] }

    func insert(_ directory: BlockDirectory, for key: Key) {
        cache.insert(directory, size: directory.memorySize, for: key)
    }

    /// Bytes of the directories held.
    var size: Int { cache.size }
}
