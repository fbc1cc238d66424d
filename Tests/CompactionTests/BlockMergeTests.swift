import BlockFormat
import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import Compaction

@Suite struct BlockMergeTests {
    /// What a merge made, and the most memory that it held.
    private struct Outcome {
        var blocks: [EncodedBlock] = []
        var peakMemory = 0
    }

    private func merge(
        _ blocks: [NewBlock],
        filter: SampleFilter = .keepAll,
        change: (inout CompactionSettings) -> Void = { _ in }
    ) throws -> Outcome {
        var settings = CompactionSettings()
        change(&settings)
        var merge = BlockMerge(
            try blocks.map {
                try BlockDirectory(decoding: Array($0.body[$0.record.directory]))
            },
            of: .anonymous,
            filter: filter,
            settings: settings
        )
        var outcome = Outcome()
        while true {
            for (number, pages) in merge.need {
                try merge.supply(number, pages.map { Array(blocks[number].body[$0.range]) })
            }
            let step = try merge.advance()
            outcome.peakMemory = max(outcome.peakMemory, merge.memory)
            switch step {
            case .needsPages: continue
            case .block(let block): outcome.blocks.append(block)
            case .end:
                #expect(merge.passedCount == merge.seriesCount)
                return outcome
            }
        }
    }

    private func expectContent(
        _ blocks: [EncodedBlock],
        _ expected: [Labels: SampleColumns]
    ) throws {
        var found: [Labels: SampleColumns] = [:]
        for block in blocks {
            for (labels, samples) in try BlockContent.read(block, of: .anonymous) {
                #expect(found.updateValue(samples, forKey: labels) == nil, "\(labels) comes twice")
            }
        }
        #expect(found.count == expected.count)
        for (labels, samples) in expected {
            #expect(BlockContent.areSame(found[labels], samples), "\(labels)")
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `blocks of windows and replicas become one with every sample once`(seed: UInt64) throws {
        let fixture = try DayFixture.replicated(seed: seed)
        let outcome = try merge(fixture.blocks)
        #expect(outcome.blocks.count == 1)
        try expectContent(outcome.blocks, fixture.expected)
        let block = try #require(outcome.blocks.first)
        #expect(block.seriesCount == fixture.expected.count)
        #expect(block.sampleCount == fixture.expected.values.reduce(0) { $0 + $1.count })
        #expect(block.range == TimeRange(start: DayFixture.day, end: DayFixture.day + 86_400_000))
    }

    @Test func `the same blocks give the same bytes, and a merge of one is that one`() throws {
        let fixture = try DayFixture.replicated()
        let first = try merge(fixture.blocks).blocks
        let again = try merge(fixture.blocks).blocks
        #expect(first.map(\.body) == again.map(\.body))
        let merged = try #require(first.first)
        let same = try merge([NewBlock(merged, of: .anonymous, level: 2)]).blocks
        #expect(same.map(\.body) == [merged.body])
    }

    @Test func `the first block wins where values differ`() throws {
        var fixture = DayFixture()
        let labels = DayFixture.labels(0)
        for value in [1.0, 2.0] {
            let times = [DayFixture.day + 5, DayFixture.day + Int64(value) * 10]
            try fixture.add(
                from: DayFixture.day,
                [(labels, SampleColumns(timestamps: times, values: [value, value]))]
            )
        }
        let block = try #require(try merge(fixture.blocks).blocks.first)
        let found = try BlockContent.read(block, of: .anonymous)[labels]
        let first = try BlockContent.read(
            fixture.blocks[0].body,
            directory: fixture.blocks[0].record.directory,
            of: .anonymous
        )[labels]
        #expect(found?.timestamps.count == 3)
        #expect(found?.values.first == first?.values.first)
    }

    @Test func `a merge that is too large for one block is several with different series`() throws {
        let fixture = try DayFixture.replicated()
        let bySeries = try merge(fixture.blocks) { $0.maximumSeries = 8 }
        #expect(bySeries.blocks.map(\.seriesCount) == [8, 8, 8, 6])
        try expectContent(bySeries.blocks, fixture.expected)
    }

    @Test func `what the filter names is left out`() throws {
        let fixture = try DayFixture.replicated()
        let gone = DayFixture.labels(3)
        let cut = DayFixture.labels(4)
        let range = TimeRange(start: DayFixture.day, end: DayFixture.day + 7 * DayFixture.hour)
        let filter = SampleFilter { labels, _ in
            labels == gone ? [.all] : labels == cut ? [range] : []
        }
        var expected = fixture.expected
        expected[gone] = nil
        expected[cut]?.removeAll { range.contains($0) }
        try expectContent(try merge(fixture.blocks, filter: filter).blocks, expected)
        let nothing = try merge(fixture.blocks, filter: SampleFilter { _, _ in [.all] })
        #expect(nothing.blocks.isEmpty)
    }

    /// Memory must follow the block that is made, and not the samples that go in.
    @Test func `the memory of a merge is bounded`() throws {
        var fixture = DayFixture()
        var random = SeededGenerator(seed: 3)
        for window in 0..<12 as Range<Int64> {
            let start = DayFixture.day + window * 2 * DayFixture.hour
            try fixture.add(
                from: start,
                (0..<600).map { number in
                    let times = (0..<240).map { start + Int64($0) * 30_000 }
                    return (
                        DayFixture.labels(number),
                        SampleColumns(
                            timestamps: times,
                            // As long as values get.
                            values: times.map { _ in Double.random(in: 0..<1, using: &random) }
                        )
                    )
                }
            )
        }
        fixture.expected = [:]
        let decoded = 12 * 600 * 240 * 16
        let limit = 2 << 20
        let outcome = try merge(fixture.blocks) { $0.maximumBlockSize = limit }
        #expect(outcome.blocks.count >= 5)
        for block in outcome.blocks { #expect(block.body.count < limit + (1 << 20)) }
        // The block, six open pages, and for each of the twelve blocks one slice of samples.
        #expect(outcome.peakMemory < limit + 6 * (1 << 20) + 12 * (1 << 20))
        #expect(outcome.peakMemory < decoded)
        let wider = try merge(fixture.blocks) { $0.maximumBlockSize = 2 * limit }
        #expect(wider.peakMemory > outcome.peakMemory)
    }
}
