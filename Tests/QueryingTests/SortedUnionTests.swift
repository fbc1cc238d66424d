import MetricsModel
import Testing

@testable import Querying

@Suite struct SortedUnionTests {
    @Test(
        arguments: [
            (lists: [], expected: []),
            ([[], []], []),
            ([["a", "b"]], ["a", "b"]),
            ([["b", "a", "b"]], ["a", "b"]),
            ([[], ["a"], []], ["a"]),
            ([["a", "c"], ["b", "c", "d"], ["a"]], ["a", "b", "c", "d"]),
            ([["a", "a"]], ["a"]),
            ([["Z", "a"], ["B"]], ["B", "Z", "a"]),
        ] as [(lists: [[String]], expected: [String])]
    )
    func `lists become one, sorted, without repeats`(lists: [[String]], expected: [String]) {
        #expect(SortedUnion.strings(lists) == expected)
        let labels = SortedUnion.labels(lists.map { $0.map { ["l": $0] } })
        #expect(labels == expected.map { ["l": $0] })
    }

    @Test func `strings that only look the same are two, in the order of their bytes`() {
        let united = SortedUnion.strings([["\u{E9}"], ["e\u{301}"], ["\u{E9}"]])
        #expect(united.map { Array($0.utf8) } == [Array("e\u{301}".utf8), Array("\u{E9}".utf8)])
    }
}
