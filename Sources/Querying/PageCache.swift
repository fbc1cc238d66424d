internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel

/// Pages of blocks that were read lately, checked and decompressed; blocks never change, so nothing is ever out of
/// date.
struct PageCache: Sendable {
    struct Key: Hashable, Sendable {
        let tenant: TenantID
        let block: BlockID
        /// Where the page begins in the block's body.
        let offset: Int
    }

    private let cache: ShardedCache<Key, OpenPage>

    /// - Parameters:
    ///   - limit: Bytes of all pages together; 0 keeps none.
    ///   - shardCount: Each may hold an equal part; by default as many as leave each room for some pages.
    init(limit: Int, shardCount: Int? = nil) {
        cache = ShardedCache(
            limit: limit,
            shardCount: shardCount ?? max(1, min(16, limit / (4 << 20))),
            metrics: CacheMetrics(cache: "pages")
        )
    }

    subscript(key: Key) -> OpenPage? { cache[key] }

    func insert(_ page: OpenPage, for key: Key) { cache.insert(page, size: page.size, for: key) }

    /// Bytes of the pages held.
    var size: Int { cache.size }
}
