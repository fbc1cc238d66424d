import BlockFormat
import ClusterInterface
import MetricsModel
import Testing

@testable import Querying

@Suite struct PageCacheTests {
    private let page: OpenPage

    init() throws {
        var builder = BlockBuilder(range: .all)
        let labels: Labels = ["__name__": "up"]
        builder.add(
            labels: labels,
            fingerprint: Fingerprint(seed: TenantSeed(.anonymous), labels: labels),
            timestamps: [1, 2, 3],
            values: [1, 2, 3]
        )
        let block = try builder.finish()
        let directory = try BlockDirectory(decoding: Array(block.body[block.directory]))
        let selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(.anonymous)
        )
        let needed = try #require(selection.neededPages.first)
        page = try needed.open(Array(block.body[needed.range]), directory: directory)
        try #require(page.size > 0)
    }

    @Test(arguments: [1, 3, 16, 100], [1, 16])
    func `no more bytes are kept than may be`(count: Int, shardCount: Int) {
        let cache = PageCache(limit: count * shardCount * page.size, shardCount: shardCount)
        for number in 0..<10 * count * shardCount {
            cache.insert(page, for: Self.key(number))
            cache.insert(page, for: Self.key(number))
            #expect(cache[Self.key(number)] != nil)
            #expect(cache.size <= count * shardCount * page.size)
        }
        let kept = (0..<10 * count * shardCount).count { cache[Self.key($0)] != nil }
        #expect(cache.size == kept * page.size)
        if shardCount == 1 { #expect(kept == count) }
    }

    @Test(arguments: [0, 1])
    func `a cache without room keeps nothing`(limit: Int) {
        let cache = PageCache(limit: limit)
        cache.insert(page, for: Self.key(1))
        #expect(cache[Self.key(1)] == nil)
        #expect(cache.size == 0)
    }

    @Test func `the oldest leave first`() {
        let cache = PageCache(limit: 4 * page.size, shardCount: 1)
        for number in 0..<300 {
            cache.insert(page, for: Self.key(number))
            // Looking at those that left does not count as use.
            for left in 0..<max(0, number - 3) where cache[Self.key(left)] != nil {
                Issue.record("\(left) is there after \(number)")
            }
        }
        #expect((296..<300).allSatisfy { cache[Self.key($0)] != nil })
    }

    @Test func `what was used on probation stays while others pass`() {
        let cache = PageCache(limit: 3 * page.size, shardCount: 1)
        for number in 0..<3 { cache.insert(page, for: Self.key(number)) }
        _ = cache[Self.key(0)]
        for number in 3..<6 { cache.insert(page, for: Self.key(number)) }
        #expect(
            [0, 1, 2, 3, 4, 5].map { cache[Self.key($0)] != nil } == [
                true, false, false, false, true, true,
            ]
        )
    }

    @Test func `a query that reads everything once drives out nothing that is used`() {
        let cache = PageCache(limit: 100 * page.size, shardCount: 1)
        for _ in 0..<2 {
            for number in 0..<80 where cache[Self.key(number)] == nil {
                cache.insert(page, for: Self.key(number))
            }
        }
        for number in 1000..<11_000 {
            #expect(cache[Self.key(number)] == nil)
            cache.insert(page, for: Self.key(number))
        }
        #expect((0..<80).count { cache[Self.key($0)] != nil } == 80)
        #expect(cache.size == 100 * page.size)
    }

    @Test func `what was used once long ago makes room for what is used now`() {
        let cache = PageCache(limit: 20 * page.size, shardCount: 1)
        func use(_ numbers: Range<Int>) {
            for number in numbers where cache[Self.key(number)] == nil {
                cache.insert(page, for: Self.key(number))
            }
        }
        for _ in 0..<5 { use(0..<15) }
        for _ in 0..<30 { use(100..<115) }
        #expect((100..<115).allSatisfy { cache[Self.key($0)] != nil })
        #expect(cache.size <= 20 * page.size)
    }

    @Test func `a page that is always used survives many that are used once`() {
        let cache = PageCache(limit: 4 * page.size, shardCount: 1)
        cache.insert(page, for: Self.key(-1))
        for number in 0..<1000 {
            #expect(cache[Self.key(-1)] != nil)
            cache.insert(page, for: Self.key(number))
        }
    }

    @Test func `pages of two tenants, blocks or places are two`() throws {
        let cache = PageCache(limit: 1 << 20)
        cache.insert(page, for: Self.key(1))
        let block = BlockID(high: 0, low: 1)
        let other = try TenantID("other")
        #expect(cache[.init(tenant: other, block: block, offset: 1)] == nil)
        #expect(cache[.init(tenant: .anonymous, block: block, offset: 2)] == nil)
        #expect(
            cache[.init(tenant: .anonymous, block: BlockID(high: 1, low: 1), offset: 1)] == nil
        )
    }

    @Test func `tasks use it at once`() async {
        let cache = PageCache(limit: 64 * page.size, shardCount: 4)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        let key = Self.key((number * (task + 3)) % 90)
                        if cache[key] == nil { cache.insert(page, for: key) }
                        if number % 50 == 0 { #expect(cache.size <= 64 * page.size) }
                    }
                }
            }
        }
        let kept = (0..<90).count { cache[Self.key($0)] != nil }
        #expect(cache.size == kept * page.size)
    }

    private static func key(_ number: Int) -> PageCache.Key {
        PageCache.Key(tenant: .anonymous, block: BlockID(high: 0, low: 1), offset: number)
    }
}
