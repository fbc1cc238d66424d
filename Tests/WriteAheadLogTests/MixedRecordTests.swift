import MetricsModel
import Testing

@testable import WriteAheadLog

@Suite struct MixedRecordTests {
    private static let histograms: [Histogram] = [
        .staleMarker,
        Histogram(
            schema: 8,
            resetHint: .notReset,
            zeroThreshold: 0x1p-128,
            zeroCount: 2,
            count: 12,
            sum: -0.0,
            positive: .init(indexes: [.min, -1, 0, 5, .max], counts: [1, 2, 3, .nan, 0.1]),
            negative: .init(indexes: [3], counts: [4])
        ),
        Histogram(
            schema: Histogram.customSchema,
            resetHint: .gauge,
            count: 1,
            positive: .init(indexes: [0, 2], counts: [0.5, 0.5]),
            customBounds: [-1, 0, 1e300]
        ),
    ]

    private static func record() -> (bytes: [UInt8], expected: LoggedSamples) {
        var encoder = LogRecordEncoder()
        encoder.add(reference: 7, timestamp: 100, value: 1)
        var others: [LoggedSample] = []
        for (index, histogram) in histograms.enumerated() {
            let start: Int64 = [0, .min, 99][index]
            encoder.add(
                reference: 3,
                timestamp: 100 + Int64(index),
                histogram: histogram,
                start: start
            )
            others.append(
                LoggedSample(
                    reference: 3,
                    timestamp: 100 + Int64(index),
                    start: start,
                    value: .histogram(histogram)
                )
            )
        }
        encoder.add(reference: 9, timestamp: 50, value: StaleMarker.value, start: -5)
        encoder.add(reference: 8, timestamp: 101, value: 2, start: 0)
        others.append(
            LoggedSample(reference: 9, timestamp: 50, start: -5, value: .float(StaleMarker.value))
        )
        let expected = LoggedSamples(
            tenant: .anonymous,
            definitions: [],
            keys: [],
            references: [7, 8],
            timestamps: [100, 101],
            values: [1, 2],
            others: others
        )
        #expect(!encoder.isEmpty)
        return (encoder.finish(tenant: .anonymous), expected)
    }

    private static func decode(_ bytes: [UInt8]) throws -> LogRecord {
        try bytes.withUnsafeBytes { try LogRecord(decoding: $0) }
    }

    @Test func `samples of all kinds read back as they were written`() throws {
        let (bytes, expected) = Self.record()
        #expect(try Self.decode(bytes) == .samples(expected))
    }

    @Test func `a batch of plain floats is written as ever`() throws {
        var encoder = LogRecordEncoder()
        _ = Self.record()
        encoder.add(reference: 7, timestamp: 100, histogram: .staleMarker, start: 0)
        encoder.reset()
        #expect(encoder.isEmpty)
        encoder.add(reference: 7, timestamp: 100, value: 1, start: 0)
        #expect(encoder.finish(tenant: .anonymous).first == 0x11)
    }

    @Test func `every truncation of a record is refused`() throws {
        let (bytes, _) = Self.record()
        for size in bytes.indices {
            #expect(throws: LogRecordError.self) { try Self.decode(Array(bytes[..<size])) }
        }
        #expect(throws: LogRecordError.self) { try Self.decode(bytes + [0]) }
    }

    @Test func `a record with any byte changed is refused or holds sound histograms`() throws {
        let (bytes, _) = Self.record()
        for index in bytes.indices {
            for flip in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] ^= flip
                guard case .samples(let samples) = try? Self.decode(changed) else { continue }
                for case .histogram(let histogram) in samples.others.map(\.value) {
                    #expect(histogram.isStorable)
                }
            }
        }
    }

    @Test func `a record is as it was when it was first written`() {
        let start: [UInt8] = [0x14, 9] + Array("anonymous".utf8)
        var encoder = LogRecordEncoder()
        encoder.add(
            reference: 2,
            timestamp: 10,
            histogram: Histogram(
                schema: 1,
                resetHint: .reset,
                count: 1,
                sum: 2,
                positive: .init(indexes: [-1, 1], counts: [0, 1])
            ),
            start: 4
        )
        let body: [UInt8] = [
            0, 0, 1, 4, 20, 3, 12, 2, 1, 0, 0, 0xbf, 0xe0, 0x03, 0x40, 2, 1, 1, 0, 0xbf, 0xe0, 0x03,
            0, 0,
        ]
        #expect(encoder.finish(tenant: .anonymous) == start + body)
    }
}
