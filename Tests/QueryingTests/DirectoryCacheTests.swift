import BlockFormat
import ClusterInterface
import MetricsModel
import Testing

@testable import Querying

@Suite struct DirectoryCacheTests {
    @Test(arguments: [1, 2, 3, 16, 40])
    func `no more bytes of directories are kept than may be`(count: Int) throws {
        let directory = try Self.directory()
        let limit = count * directory.memorySize
        let cache = DirectoryCache(limit: limit, shardCount: 1)
        for number in 0..<100 {
            cache.insert(directory, for: Self.key(number))
            // Inserted again, it is still one.
            cache.insert(directory, for: Self.key(number))
            #expect(cache[Self.key(number)] != nil)
            #expect(cache.size == min(number + 1, count) * directory.memorySize)
        }
    }

    @Test func `blocks of two tenants with one id are two`() throws {
        let cache = DirectoryCache(limit: 1 << 20)
        cache.insert(try Self.directory(), for: Self.key(1))
        let other = DirectoryCache.Key(
            tenant: try TenantID("other"),
            block: BlockID(high: 0, low: 1)
        )
        #expect(cache[other] == nil)
    }

    private static func key(_ number: Int) -> DirectoryCache.Key {
        DirectoryCache.Key(
            tenant: .anonymous,
            block: BlockID(high: 0, low: UInt64(number))
        )
    }

    private static func directory() throws -> BlockDirectory {
        let block = try BlockBuilder(range: TimeRange(start: 0, end: 1)).finish()
        return try BlockDirectory(decoding: Array(block.body[block.directory]))
    }
}

@Suite struct QueryDeadlineTests {
    @Test func `time that is over is over, and the rest is not`() {
        #expect(QueryDeadline(timeout: .zero).isOver)
        #expect(QueryDeadline(timeout: .seconds(-5)).isOver)
        let long = QueryDeadline(timeout: .seconds(3600))
        #expect(!long.isOver)
        let remaining = long.end - ContinuousClock.now
        #expect(remaining > .seconds(3000) && remaining <= .seconds(3600))
    }

    @Test func `cancelling is not the same as being over`() {
        let deadline = QueryDeadline(timeout: .seconds(3600))
        #expect(!deadline.wasCancelled)
        deadline.cancel()
        #expect(deadline.wasCancelled)
        #expect(!deadline.isOver)
    }
}
