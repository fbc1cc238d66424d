import ClusterInterface
import MetricsModel
import Testing

@testable import ClusterTransport

@Suite struct CountedSeriesTests {
    @Test func `counted series are the same after a round trip`() throws {
        let message = ListMessage([CountedSeries.some, CountedSeries(LabelColumns())])
        #expect(try ListMessage<CountedSeries>(decoding: message.encoded()).items == message.items)
    }

    @Test func `the bytes of counted series of version 1 stay as they are`() throws {
        var columns = LabelColumns()
        let label = columns.addLabel(name: "a".utf8, value: "bc".utf8)
        columns.addSeries(Fingerprint(high: 1, low: 258), [label])
        let counted = CountedSeries(
            columns,
            chunkCount: 3,
            range: TimeRange(start: -1, end: 2)
        )
        let golden: [UInt8] = [
            1, 10, 0, 0, 1, 0, 0, 0,
            3, 0, 0, 0, 0, 0, 0, 0,
            255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
            1, 0, 0, 0, 3, 0, 0, 0, 0x61, 0x62, 0x63,
            1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0,
        ]
        #expect(ListMessage([counted]).encoded() == golden)
        #expect(try ListMessage<CountedSeries>(decoding: golden).items == [counted])
    }

    @Test func `columns that do not fit each other are refused`() {
        var counted = CountedSeries.some
        counted.columns.labelNumbers[0] = 9
        let bytes = ListMessage([counted]).encoded()
        #expect(throws: WireError.inconsistentColumns) {
            try ListMessage<CountedSeries>(decoding: bytes)
        }
    }
}

extension CountedSeries {
    /// Two series with three labels between them.
    static var some: CountedSeries {
        var columns = LabelColumns()
        let labels = [("a", "b"), ("c", ""), ("größe", "1")].map {
            columns.addLabel(name: $0.0.utf8, value: $0.1.utf8)
        }
        columns.addSeries(Fingerprint(high: 1, low: 2), labels[0...1])
        columns.addSeries(Fingerprint(high: 3, low: 4), [labels[2]])
        return CountedSeries(columns, chunkCount: 7, range: TimeRange(start: 5, end: 9))
    }
}
