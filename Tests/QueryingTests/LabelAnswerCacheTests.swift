import BlockFormat
import ClusterInterface
import MetricsModel
import Testing

@testable import Querying

@Suite struct LabelAnswerCacheTests {
    private func key(
        _ number: UInt64,
        _ question: BlockLabelQuery.Question = .labelValues("pod"),
        _ matchers: [LabelMatcher] = []
    ) -> LabelAnswerCache.Key {
        LabelAnswerCache.Key(
            tenant: .anonymous,
            block: BlockID(high: 0, low: number),
            question: question,
            matchers: matchers.map(LabelAnswerCache.Matcher.init)
        )
    }

    @Test func `answers are kept by block and question until there is no room`() {
        let cache = LabelAnswerCache(maximumCount: 160)
        for number in 0..<14 as Range<UInt64> {
            cache.insert((0..<10).map { "\(number)-\($0)" }, for: key(number))
        }
        #expect(cache[key(0)]?.first == "0-0")
        #expect(cache[key(13)]?.count == 10)
        #expect(cache[key(0, .labelNames)] == nil)
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
        let long = LabelMatcher(name: "a", equals: String(repeating: "x", count: 640))
        cache.insert(["1"], for: key(1, .labelNames, [long]))
        #expect(cache[key(1, .labelNames, [long])] == nil)
    }

    @Test func `matchers are told apart by name, operation and value`() throws {
        let cache = LabelAnswerCache()
        let equal = LabelMatcher(name: "a", equals: "1")
        let others: [[LabelMatcher]] = [
            [], [equal, equal], [LabelMatcher(name: "b", equals: "1")],
            [LabelMatcher(name: "a", equals: "2")],
            [try LabelMatcher(name: "a", operation: .notEqual, value: "1")],
            [try LabelMatcher(name: "a", operation: .matches, value: "1")],
        ]
        cache.insert(["x"], for: key(1, .labelNames, [equal]))
        #expect(cache[key(1, .labelNames, [equal])] == ["x"])
        for matchers in others { #expect(cache[key(1, .labelNames, matchers)] == nil) }
    }
}
