import MetricsModel
import TestSupport
import Testing

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

extension SampleMerge {
    fileprivate init() {
        var memory = SampleColumns()
        self.init(emptying: &memory)
    }

    fileprivate mutating func add(_ timestamps: [Int64], _ values: [Double]) {
        add { columns in
            columns.timestamps += timestamps
            columns.values += values
        }
    }

    fileprivate var timestamps: [Int64] { columns.timestamps }

    fileprivate var values: [Double] { columns.values }
}
