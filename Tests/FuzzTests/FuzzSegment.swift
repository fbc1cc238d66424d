import MetricsModel
import TestSupport
import Testing

@testable import WriteAheadLog

/// A segment of random records, all of them different.
struct FuzzSegment {
    let records: [[UInt8]]
    let expected: [LogRecord]
    let bytes: [UInt8]
    /// Where each frame begins, and the end.
    let offsets: [Int]

    static func random(seed: UInt64, records count: Int) throws -> FuzzSegment {
        var random = SeededGenerator(seed: seed)
        var records: [[UInt8]] = []
        for number in 0..<count {
            let tenant = try TenantID("team-\(number % 3)")
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                records.append(
                    LogRecordEncoder.cutBegun(
                        tenant: tenant,
                        id: UInt64(number) + seed << 20,
                        before: .random(in: .min ... .max, using: &random)
                    )
                )
            case 1:
                records.append(
                    LogRecordEncoder.cutFinished(tenant: tenant, id: UInt64(number) + seed << 20)
                )
            default: records.append(samples(of: tenant, number: number, seed, using: &random))
            }
        }
        return try FuzzSegment(records, salt: random.next())
    }

    private init(_ records: [[UInt8]], salt: UInt64) throws {
        self.records = records
        expected = try records.map { try $0.withUnsafeBytes { try LogRecord(decoding: $0) } }
        var bytes = SegmentHeader(number: 7, salt: salt).bytes
        var offsets: [Int] = []
        let frame = RecordFrame(salt: salt)
        for record in records {
            offsets.append(bytes.count)
            frame.append(record, to: &bytes)
        }
        self.bytes = bytes
        self.offsets = offsets + [bytes.count]
    }

    private static func samples(
        of tenant: TenantID,
        number: Int,
        _ seed: UInt64,
        using random: inout SeededGenerator
    ) -> [UInt8] {
        var encoder = LogRecordEncoder()
        for index in 0..<Int.random(in: 0...3, using: &random) {
            let labels = Labels([("__name__", "m\(number)"), ("i", "\(index)")])
            labels.key.withUnsafeBufferPointer {
                encoder.define(
                    .random(in: 0...200_000, using: &random),
                    fingerprint: Fingerprint(seed: TenantSeed(tenant), labels: labels),
                    key: $0
                )
            }
        }
        // Unlike any sample of another record.
        let base =
            1_700_000_000_000 + Int64(seed % 1000) * 1_000_000_000 + Int64(number) * 1_000_000
        for index in 0...Int64.random(in: 0...12, using: &random) {
            encoder.add(
                reference: .random(in: 0...200_000, using: &random),
                timestamp: base + index,
                value: Double(bitPattern: random.next())
            )
        }
        if Bool.random(using: &random) {
            let buckets = Histogram.Buckets(indexes: [-2, 5], counts: [1, 3])
            encoder.add(
                reference: 5,
                timestamp: base + 100,
                histogram: Histogram(count: 4, positive: buckets),
                start: base
            )
        }
        return encoder.finish(tenant: tenant)
    }

    /// The record whose frame a byte belongs to.
    func record(at offset: Int) -> Int? {
        guard offset >= offsets[0], offset < offsets[offsets.count - 1] else { return nil }
        return offsets.lastIndex { $0 <= offset }
    }

    /// What a reader makes of some bytes, looked at through a small window.
    static func read(_ bytes: [UInt8]) -> [LogRecord] {
        var records: [LogRecord] = []
        let report = bytes.withUnsafeBytes { bytes in
            SegmentReader.read(bytes) { records.append($0) }
        }
        var windowed: [LogRecord] = []
        let other = readByWindows(bytes) { windowed.append($0) }
        #expect(windowed == records && other == report, "a window changes what is read")
        return records
    }

    /// Checks what is read of damaged bytes against what was written.
    func check(_ damaged: [UInt8]) {
        let found = Self.read(damaged)
        // Nothing is invented …
        for record in found where !expected.contains(record) {
            Issue.record("a record was invented, of \(record.tenant)")
        }
        // … and frames that are whole, with the header before them, are found.
        guard damaged.starts(with: bytes.prefix(SegmentHeader.size)) else { return }
        var end = SegmentHeader.size
        var whole = 0
        while whole < records.count, offsets[whole + 1] <= damaged.count,
            damaged[end..<offsets[whole + 1]].elementsEqual(bytes[end..<offsets[whole + 1]])
        {
            end = offsets[whole + 1]
            whole += 1
        }
        #expect(found.prefix(whole).elementsEqual(expected.prefix(whole)))
    }

    private static func readByWindows(
        _ bytes: [UInt8],
        visit: (LogRecord) -> Void
    ) -> SegmentReport {
        var walk = SegmentWalk(size: bytes.count)
        var window = 0..<min(bytes.count, 70)
        while true {
            let step = bytes[window].withUnsafeBytes { part in
                let step = walk.next(in: part, at: window.lowerBound)
                if case .record(let range) = step {
                    SegmentReader.read(range, of: part, at: window.lowerBound, &walk, visit: visit)
                }
                return step
            }
            switch step {
            case .record: continue
            case .needs(let range):
                window = range.lowerBound..<min(bytes.count, range.upperBound + 5)
            case .end: return walk.report
            }
        }
    }
}
