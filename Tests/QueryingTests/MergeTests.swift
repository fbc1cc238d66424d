import MetricsModel
import TestSupport
import Testing

@testable import Querying

@Suite struct SampleMergeTests {
    @Test(
        arguments: [
            ([[]], []),
            ([[1, 2, 3]], [1, 2, 3]),
            ([[1, 2], [3, 4]], [1, 2, 3, 4]),
            ([[3, 4], [1, 2]], [1, 2, 3, 4]),
            ([[1, 3, 5], [2, 3, 4]], [1, 2, 3, 4, 5]),
            ([[1, 2], [], [2, 3]], [1, 2, 3]),
            ([[5], [5], [5]], [5]),
            ([[1, 9], [4], [4, 5], [.min, .max]], [.min, 1, 4, 5, 9, .max]),
        ] as [([[Int64]], [Int64])]
    )
    func `runs become one run`(runs: [[Int64]], expected: [Int64]) {
        var merge = SampleMerge()
        for run in runs { merge.add(run, run.map(Double.init)) }
        #expect(merge.timestamps == expected)
        #expect(merge.values == expected.map(Double.init))
    }

    @Test func `the first source wins where values differ`() {
        var merge = SampleMerge()
        merge.add([1, 2, 3], [1, 1, 1])
        merge.add([2, 3, 4], [2, 2, 2])
        #expect(merge.values == [1, 1, 1, 2])
    }

    @Test(
        arguments: [
            (TimeRange(start: 2, end: 4), [2, 3]), (TimeRange(start: 0, end: 9), [1, 2, 3, 4]),
            (TimeRange(start: 4, end: 4), []), (TimeRange(start: 5, end: 9), []),
            (TimeRange(start: -5, end: 1), []), (.all, [1, 2, 3, 4]),
            (TimeRange(start: 4, end: 2), []),
        ] as [(TimeRange, [Int64])]
    )
    func `clipping keeps the start and leaves out the end`(range: TimeRange, expected: [Int64]) {
        var merge = SampleMerge()
        merge.add([1, 2, 3, 4], [1, 2, 3, 4])
        merge.clip(to: range)
        #expect(merge.timestamps == expected)
        #expect(merge.values == expected.map(Double.init))
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `merging agrees with a dictionary`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var merge = SampleMerge()
        var model: [Int64: Double] = [:]
        for source in 0..<Int.random(in: 1...6, using: &random) {
            let count = Int.random(in: 0...40, using: &random)
            let times = Set((0..<count).map { _ in Int64.random(in: 0...60, using: &random) })
            merge.add(times.sorted(), times.map { _ in Double(source) })
            model.merge(times.map { ($0, Double(source)) }) { first, _ in first }
        }
        #expect(merge.timestamps == model.keys.sorted())
        #expect(merge.values == merge.timestamps.map { model[$0] ?? .nan })
    }
}

@Suite struct SeriesMergeTests {
    private struct Element: Equatable {
        var labels: Labels
        var list: Int
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `merging agrees with grouping`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lists = (0..<Int.random(in: 0...5, using: &random)).map { list in
            Set(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    Int.random(in: 0...15, using: &random)
                }
            ).map { Element(labels: ["a": "\($0 / 4)", "b": "\($0 % 4)"], list: list) }
                .sorted { $0.labels < $1.labels }
        }
        let model = Dictionary(grouping: lists.joined(), by: \.labels)
            .sorted { $0.key < $1.key }
        var merge = SeriesMerge(lists) { $0.labels }
        for (labels, elements) in model {
            let next = merge.next()
            #expect(next?.labels == labels)
            #expect(next?.elements == elements.sorted { $0.list < $1.list })
        }
        #expect(merge.next() == nil)
    }

    @Test func `nothing merges to nothing`() {
        var merge = SeriesMerge([[Labels]]()) { $0 }
        #expect(merge.next() == nil)
        merge = SeriesMerge([[], []]) { $0 }
        #expect(merge.next() == nil)
    }
}
