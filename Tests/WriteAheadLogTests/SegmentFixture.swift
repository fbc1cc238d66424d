import MetricsModel

@testable import WriteAheadLog

/// A small segment with all types of records.
struct SegmentFixture {
    let records: [[UInt8]]
    let expected: [LogRecord]
    /// The bytes of the segment; frame i starts at `offsets[i]`, the last offset is the end.
    private(set) var bytes: [UInt8]
    private(set) var offsets: [Int]

    init(number: UInt64, salt: UInt64) throws {
        let acme = try TenantID("acme")
        var encoder = LogRecordEncoder()
        let up = Labels([("__name__", "up"), ("job", "node")])
        let down = Labels([("__name__", "down")])
        for (reference, labels) in [(UInt32(7), up), (300, down)] {
            labels.key.withUnsafeBufferPointer {
                encoder.define(
                    reference,
                    fingerprint: Fingerprint(seed: TenantSeed(acme), labels: labels),
                    key: $0
                )
            }
        }
        encoder.add(reference: 7, timestamp: 1_700_000_000_000, value: 1)
        encoder.add(reference: 300, timestamp: 1_700_000_000_001, value: StaleMarker.value)
        let first = encoder.finish(tenant: acme)
        encoder.add(reference: 300, timestamp: -5, value: -0.0)
        encoder.add(reference: 7, timestamp: .max, value: .infinity)
        encoder.add(reference: 0, timestamp: .min, value: 0.1)
        let second = encoder.finish(tenant: .anonymous)
        records = [
            first, second,
            LogRecordEncoder.cutBegun(tenant: acme, id: 1 << 40, before: -7_200_000),
            LogRecordEncoder.cutFinished(tenant: acme, id: 1 << 40),
            second,
        ]
        expected = try records.map { record in
            try record.withUnsafeBytes { try LogRecord(decoding: $0) }
        }
        bytes = SegmentHeader(number: number, salt: salt).bytes
        offsets = []
        let frame = RecordFrame(salt: salt)
        for record in records {
            offsets.append(bytes.count)
            frame.append(record, to: &bytes)
        }
        offsets.append(bytes.count)
    }

    /// What a reader makes of some bytes.
    static func read(_ bytes: [UInt8]) -> (records: [LogRecord], report: SegmentReport) {
        var records: [LogRecord] = []
        let report = bytes.withUnsafeBytes { bytes in
            SegmentReader.read(bytes) { records.append($0) }
        }
        return (records, report)
    }
}
