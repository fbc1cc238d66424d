import Foundation
import MetricsModel
import TestSupport
import Testing

@testable import WriteAheadLog

/// Records of types 5 and 6.
@Suite struct ExemplarRecordTests {
    private static let first: Labels = ["__name__": "requests_total", "pod": "a"]
    private static let second: Labels = ["__name__": "requests_total", "pod": "b"]

    static let exemplars = [
        LoggedExemplar(series: first, exemplar: exemplar(1_700_000_000_000, 0.25, "aa")),
        LoggedExemplar(series: second, exemplar: exemplar(1_700_000_000_005, -0.0, "bb")),
        LoggedExemplar(series: first, exemplar: exemplar(.min, .nan, "cc")),
        LoggedExemplar(series: first, exemplar: exemplar(.max, .infinity, "größe")),
    ]

    static let metadata = [
        SeenMetadata(
            MetricMetadata(name: "requests", kind: .counter, help: "All requests.", unit: "s"),
            lastSeen: 1_700_000_000_000
        ),
        SeenMetadata(MetricMetadata(name: "up", kind: .gauge), lastSeen: -1),
    ]

    private static func exemplar(_ time: Int64, _ value: Double, _ id: String) -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: time, value: value)
    }

    private static func decode(_ bytes: [UInt8]) throws(LogRecordError) -> LogRecord {
        try bytes.span.withUnsafeBytes { (bytes) throws(LogRecordError) in
            try LogRecord(decoding: bytes)
        }
    }

    private static func records() throws -> [[UInt8]] {
        let acme = try TenantID("acme")
        return [
            LogRecordEncoder.exemplars(exemplars, tenant: acme),
            LogRecordEncoder.metadata(metadata, tenant: acme),
            LogRecordEncoder.exemplars([], tenant: .anonymous),
            LogRecordEncoder.metadata([], tenant: .anonymous),
        ]
    }

    private static func expected() throws -> [LogRecord] {
        let acme = try TenantID("acme")
        return [
            .exemplars(tenant: acme, exemplars), .metadata(tenant: acme, metadata),
            .exemplars(tenant: .anonymous, []), .metadata(tenant: .anonymous, []),
        ]
    }

    @Test func `records come back`() throws {
        for (record, expected) in zip(try Self.records(), try Self.expected()) {
            #expect(try Self.decode(record) == expected)
        }
    }

    @Test func `a series is in a record once`() throws {
        let one = LogRecordEncoder.exemplars([Self.exemplars[0]], tenant: .anonymous)
        let same = LogRecordEncoder.exemplars(
            [LoggedExemplar](repeating: Self.exemplars[0], count: 10),
            tenant: .anonymous
        )
        #expect(same.count < one.count + 9 * (ExemplarBytes.minimumSize + 20))
    }

    @Test func `every truncation is refused, every changed byte is refused or a record`() throws {
        for record in try Self.records() {
            for size in record.indices {
                #expect(throws: LogRecordError.self) { try Self.decode(Array(record[..<size])) }
            }
            #expect(throws: LogRecordError.self) { try Self.decode(record + [0]) }
            for index in record.indices {
                for flip in [0x01, 0x08, 0x80, 0xff] as [UInt8] {
                    var changed = record
                    changed[index] ^= flip
                    switch try? Self.decode(changed) {
                    case .exemplars(_, let list):
                        #expect(list.allSatisfy { $0.exemplar.isStorable })
                        #expect(list.count <= record.count)
                    case .metadata(_, let list):
                        #expect(list.allSatisfy { $0.metadata.isStorable })
                    default: continue
                    }
                }
            }
        }
    }

    @Test func `a count that the bytes cannot hold is refused before memory is taken`() {
        var record: [UInt8] = [0x15, 1, 0x61]
        record += [0xff, 0xff, 0xff, 0xff, 0x0f]
        #expect(throws: LogRecordError.countTooLarge(0xffff_ffff, offset: 3)) {
            try Self.decode(record)
        }
        record[0] = 0x16
        #expect(throws: LogRecordError.countTooLarge(0xffff_ffff, offset: 3)) {
            try Self.decode(record)
        }
    }

    @Test func `an exemplar of a series that the record lacks is refused`() {
        var record = LogRecordEncoder.exemplars([Self.exemplars[0]], tenant: .anonymous)
        let number = record.count - ExemplarBytesSize.of(Self.exemplars[0].exemplar) - 1
        record[number] = 1
        #expect(throws: LogRecordError.seriesOutOfRange(1, offset: number)) {
            try Self.decode(record)
        }
    }

    private enum ExemplarBytesSize {
        static func of(_ exemplar: Exemplar) -> Int {
            var bytes: [UInt8] = []
            ExemplarBytes.append(exemplar, after: 0, to: &bytes)
            return bytes.count
        }
    }

    @Test func `the golden segment is still written and read`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/segment-v1-exemplars.wal")
        var bytes = SegmentHeader(number: 43, salt: 0x0123_4567_89ab_cdef).bytes
        let frame = RecordFrame(salt: 0x0123_4567_89ab_cdef)
        for record in try Self.records() { frame.append(record, to: &bytes) }
        #expect(Array(try Data(contentsOf: file)) == bytes)
        let (records, report) = SegmentFixture.read(bytes)
        #expect(records == (try Self.expected()))
        #expect(report.damaged.isEmpty)
    }
}
