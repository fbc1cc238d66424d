import MetricsModel
import TestSupport
import Testing

@testable import ChunkCoding

@Suite struct HistogramChunkTests {
    @Test(arguments: HistogramShape.allCases, StartShape.allCases)
    func `every bit of every histogram comes back`(
        shape: HistogramShape,
        startShape: StartShape
    ) throws {
        var generator = SeededGenerator(seed: 11)
        for count in [1, 2, 3, 17, 129] {
            let timestamps = TimeShape.jitter.timestamps(count: count, using: &generator)
            let histograms = shape.histograms(count: count, using: &generator)
            let starts = startShape.starts(of: timestamps, using: &generator)
            let chunk = EncodedChunk(
                timestamps: timestamps.span,
                histograms: histograms[...],
                starts: starts.span
            )
            #expect(chunk.kind == .histograms)
            #expect(chunk.count == count)
            var read = SampleColumns(
                timestamps: [1],
                values: [2],
                histograms: HistogramColumns(timestamps: [3], values: [.staleMarker])
            )
            try chunk.decode(maximumCount: count, into: &read)
            let expected = SampleColumns(
                timestamps: [1],
                values: [2],
                histograms: HistogramColumns(
                    timestamps: [3] + timestamps,
                    values: [.staleMarker] + histograms,
                    startTimestamps: [0] + starts
                )
            )
            #expect(read.isSame(as: expected))
            #expect(read.histograms.startTimestamps.isEmpty == starts.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: StartShape.allCases, TimeShape.allCases)
    func `floats come back with their start timestamps`(
        startShape: StartShape,
        times: TimeShape
    ) throws {
        var generator = SeededGenerator(seed: 12)
        for count in [1, 2, 40, 300] {
            let timestamps = times.timestamps(count: count, using: &generator)
            let values = ValueShape.special.values(count: count, using: &generator)
            let starts = startShape.starts(of: timestamps, using: &generator)
            let chunk = EncodedChunk(
                timestamps: timestamps.span,
                values: values.span,
                starts: starts.span
            )
            #expect(chunk.kind == (starts.allSatisfy { $0 == 0 } ? .floats : .floatsWithStarts))
            var read = SampleColumns()
            try chunk.decode(maximumCount: count, into: &read)
            let expected = SampleColumns(
                timestamps: timestamps,
                values: values,
                startTimestamps: starts
            )
            #expect(read.isSame(as: expected))
        }
    }

    @Test func `chunks of all kinds decode into the same columns`() throws {
        let plain = EncodedChunk.encode([1, 2], [10, 20])
        let times: [Int64] = [3, 4]
        let values: [Double] = [30, 40]
        let starts: [Int64] = [1, 0]
        let started = EncodedChunk(
            timestamps: times.span,
            values: values.span,
            starts: starts.span
        )
        let histogramTimes: [Int64] = [5]
        let histogram = EncodedChunk(
            timestamps: histogramTimes.span,
            histograms: [Histogram(count: 5)],
            starts: starts.span.extracting(first: 0)
        )
        var read = SampleColumns()
        for chunk in [plain, histogram, started, plain, histogram] {
            try chunk.decode(maximumCount: 2, into: &read)
        }
        #expect(read.timestamps == [1, 2, 3, 4, 1, 2])
        #expect(read.startTimestamps == [0, 0, 1, 0, 0, 0])
        #expect(read.histograms.timestamps == [5, 5])
        #expect(read.histograms.startTimestamps.isEmpty)
    }

    @Test(arguments: [
        (HistogramShape.integerCounter, 900), (.custom, 560), (.empty, 24), (.singleBucket, 230),
        (.staleAtEnd, 950),
    ])
    func `a chunk of 120 histograms takes no more bytes than planned`(
        shape: HistogramShape,
        limit: Int
    ) {
        var generator = SeededGenerator(seed: 1)
        var column: [UInt8] = []
        HistogramColumn.encode(shape.histograms(count: 120, using: &generator)[...], into: &column)
        #expect(column.count <= limit)
    }

    @Test(arguments: [
        (StartShape.constant, 8), (.delta, 5), (.sinceSampleBefore, 3), (.restarts, 30),
    ])
    func `usual start timestamps take a few bytes`(shape: StartShape, limit: Int) {
        var generator = SeededGenerator(seed: 1)
        let times = TimeShape.jitter.timestamps(count: 120, using: &generator)
        let starts = shape.starts(of: times, using: &generator)
        var column: [UInt8] = []
        StartColumn.encode(starts.span, timestamps: times.span, into: &column)
        #expect(column.count <= limit)
    }

    @Test func `a column has room for one histogram of any size and not for too many elements`() {
        let large = Histogram(
            positive: .init(
                indexes: Array(0..<Int32(Histogram.maximumElementCount)),
                counts: Array(repeating: 1, count: Histogram.maximumElementCount)
            )
        )
        #expect(large.isStorable)
        var capacity = HistogramColumn.Capacity(maximumCount: 10)
        #expect((0..<3).map { _ in capacity.add(large) } == [true, true, false])
        var small = HistogramColumn.Capacity(maximumCount: 2)
        #expect((0..<3).map { _ in small.add(.staleMarker) } == [true, true, false])
    }
}
