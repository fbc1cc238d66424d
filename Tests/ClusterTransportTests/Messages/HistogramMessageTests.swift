import ClusterInterface
import MetricsModel
import Testing

@testable import ClusterTransport

@Suite struct HistogramMessageTests {
    /// Two rows: floats with starts and histograms, and histograms only.
    private static func batch(starts: Bool) throws -> WriteBatch {
        var batch = WriteBatch(tenant: try TenantID("t1"))
        batch.fingerprints = [Fingerprint(high: 1, low: 2), Fingerprint(high: 3, low: 4)]
        batch.keyEnds = [0, 0]
        batch.sampleEnds = [2, 2]
        batch.timestamps = [1000, 2000]
        batch.values = [1, 2]
        batch.histogramEnds = [1, 3]
        batch.histograms.timestamps = [1500, 1000, 2000]
        batch.histograms.values = [
            Histogram(count: 3, sum: 4, positive: .init(indexes: [0, 4], counts: [1, 2])),
            Histogram(schema: Histogram.customSchema, resetHint: .gauge, customBounds: [0.5]),
            .staleMarker,
        ]
        guard starts else { return batch }
        batch.startTimestamps = [0, 7]
        batch.histograms.startTimestamps = [-1, 0, 5]
        return batch
    }

    @Test(arguments: [false, true])
    func `histograms and starts come back`(starts: Bool) throws {
        let batch = try Self.batch(starts: starts)
        #expect(batch.isConsistent)
        let bytes = PushMessage(sequence: 5, batch: batch).encoded()
        let read = try PushMessage(decoding: bytes)
        #expect(read.batch.histograms == batch.histograms)
        #expect(read.batch.histogramEnds == batch.histogramEnds)
        #expect(read.batch.startTimestamps == batch.startTimestamps)
        #expect(read.batch.timestamps == batch.timestamps)
        #expect(read.batch.values == batch.values)
    }

    @Test func `a damaged message is refused or consistent`() throws {
        let bytes = PushMessage(sequence: 5, batch: try Self.batch(starts: true)).encoded()
        for size in bytes.indices {
            #expect(throws: WireError.self) {
                try PushMessage(decoding: Array(bytes[..<size]))
            }
        }
        for index in bytes.indices {
            for flip in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] ^= flip
                guard let read = try? PushMessage(decoding: changed) else { continue }
                #expect(read.batch.isConsistent)
                #expect(read.batch.sampleCount <= bytes.count)
            }
        }
    }

    @Test func `starts of histograms without histograms are refused`() throws {
        var bytes = PushMessage(sequence: 5, batch: WriteBatch(tenant: .anonymous)).encoded()
        bytes[12] |= 16
        #expect(throws: WireError.invalidField("flags", found: 16)) {
            try PushMessage(decoding: bytes)
        }
    }

    @Test func `columns that do not fit are not consistent`() throws {
        let batch = try Self.batch(starts: true)
        #expect(batch.sampleCount == 5)
        let changes: [(inout WriteBatch) -> Void] = [
            { $0.startTimestamps.removeLast() }, { $0.histogramEnds.removeLast() },
            { $0.histogramEnds = [] }, { $0.histogramEnds = [2, 1] },
            { $0.histograms.timestamps.removeLast() }, { $0.histograms.values.removeLast() },
            { $0.histograms.startTimestamps.removeLast() },
            { $0.histograms.values[0].positive.indexes = [4, 0] },
            { $0.histograms.values[0].schema = 9 },
        ]
        for (index, change) in changes.enumerated() {
            var changed = batch
            change(&changed)
            #expect(!changed.isConsistent, "change \(index)")
        }
    }
}
