import BlockFormat
import ClusterInterface
import MetricsModel
import Testing

@testable import Querying

@Suite struct LabelAnswerCacheTests {
    private func key(_ number: UInt64) -> LabelAnswerCache.Key {
        LabelAnswerCache.Key(
            tenant: .anonymous,
            block: BlockID(high: 0, low: number),
            question: .labelValues("pod")
        )
    }

    @Test func `answers are kept by block and question until there is no room`() {
        let cache = LabelAnswerCache(maximumCount: 160)
        for number in 0..<14 as Range<UInt64> {
            cache.insert((0..<10).map { "\(number)-\($0)" }, for: key(number))
        }
        #expect(cache[key(0)]?.first == "0-0")
        #expect(cache[key(13)]?.count == 10)
        let other = LabelAnswerCache.Key(
            tenant: .anonymous,
            block: BlockID(high: 0, low: 0),
            question: .labelNames
        )
        #expect(cache[other] == nil)
        for number in 14..<20 as Range<UInt64> {
            cache.insert((0..<10).map { "\(number)-\($0)" }, for: key(number))
        }
        #expect(cache[key(0)] == nil)
        #expect(cache[key(19)]?.first == "19-0")
    }

    @Test func `an answer that would take most of the room is not kept`() {
        let cache = LabelAnswerCache(maximumCount: 160)
        cache.insert((0..<11).map { "\($0)" }, for: key(1))
        #expect(cache[key(1)] == nil)
    }
}
