import MetricsModel
import Testing

@testable import WriteAheadLog

@Suite struct LogRecordTests {
    @Test func `a batch of samples reads back as it was written`() throws {
        let acme = try TenantID("acme")
        let labels = Labels([("__name__", "up"), ("job", "node")])
        let fingerprint = Fingerprint(seed: TenantSeed(acme), labels: labels)
        var encoder = LogRecordEncoder()
        labels.key.withUnsafeBufferPointer {
            encoder.define(.max, fingerprint: fingerprint, key: $0)
        }
        encoder.add(reference: .max, timestamp: .max, value: StaleMarker.value)
        encoder.add(reference: 0, timestamp: .min, value: -0.0)
        let record = try decode(encoder.finish(tenant: acme))
        let expected = LoggedSamples(
            tenant: acme,
            definitions: [
                SeriesDefinition(
                    reference: .max,
                    fingerprint: fingerprint,
                    key: 0..<labels.key.count
                )
            ],
            keys: labels.key,
            references: [.max, 0],
            timestamps: [.max, .min],
            values: [StaleMarker.value, -0.0]
        )
        #expect(record == .samples(expected))
        #expect(encoder.isEmpty)
    }

    @Test func `a record that defines a series with a key that is none is damaged`() throws {
        var encoder = LogRecordEncoder()
        // The labels are there, in the wrong order.
        let key = Labels([("b", "1")]).key + Labels([("a", "1")]).key
        key.withUnsafeBufferPointer {
            encoder.define(1, fingerprint: Fingerprint(high: 1, low: 2), key: $0)
        }
        encoder.add(reference: 1, timestamp: 1, value: 1)
        let bytes = encoder.finish(tenant: .anonymous)
        let error = #expect(throws: LogRecordError.self) { try decode(bytes) }
        guard case .invalidSeriesKey(.notSorted("a"), _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `an encoder starts each record afresh`() throws {
        var encoder = LogRecordEncoder()
        for index in 0..<5000 {
            encoder.add(reference: UInt32(index), timestamp: Int64(index), value: Double(index))
        }
        encoder.reset()
        #expect(encoder.isEmpty)
        encoder.add(reference: 3, timestamp: 10, value: 1)
        var fresh = LogRecordEncoder()
        fresh.add(reference: 3, timestamp: 10, value: 1)
        #expect(encoder.finish(tenant: .anonymous) == fresh.finish(tenant: .anonymous))
    }

    @Test func `a sample of a batch takes about a dozen bytes`() throws {
        var encoder = LogRecordEncoder()
        for index in 0..<2000 {
            encoder.add(
                reference: UInt32(index * 3),
                timestamp: 1_700_000_000_000 + Int64(index % 7),
                value: 0.1
            )
        }
        #expect(encoder.finish(tenant: .anonymous).count <= 2000 * 10 + 40)
    }

    @Test func `cuts read back as they were written`() throws {
        let begun = LogRecordEncoder.cutBegun(tenant: .anonymous, id: 9, before: -1)
        #expect(try decode(begun) == .cutBegun(tenant: .anonymous, id: 9, before: -1))
        let finished = LogRecordEncoder.cutFinished(tenant: .anonymous, id: .max)
        #expect(try decode(finished) == .cutFinished(tenant: .anonymous, id: .max))
    }

    @Test(arguments: [
        (bytes: [] as [UInt8], error: LogRecordError.truncated(offset: 0, needed: 1, available: 0)),
        ([0x21], .unsupportedVersion(2)),
        ([0x1f], .unknownType(15)),
        ([0x13, 5, 65], .truncated(offset: 2, needed: 5, available: 1)),
        ([0x13, 0], .invalidTenant(.empty)),
        ([0x13, 1, 65], .truncated(offset: 3, needed: 1, available: 0)),
        ([0x13, 1, 65, 1, 1], .trailingBytes(count: 1, offset: 4)),
        ([0x11, 1, 65, 0xff, 0xff, 3], .countTooLarge(65535, offset: 3)),
        ([0x11, 1, 65, 0, 1], .countTooLarge(1, offset: 4)),
        ([0x11, 1, 65, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], .referenceOutOfRange(offset: 5)),
        (
            [0x13, 1, 65] + [UInt8](repeating: 0xff, count: 10),
            .varintTooLong(offset: 3)
        ),
    ])
    func `bytes that are no record are refused`(bytes: [UInt8], error: LogRecordError) {
        #expect(throws: error) { try decode(bytes) }
    }

    @Test func `every truncation of a record is refused`() throws {
        let fixture = try SegmentFixture(number: 1, salt: 2)
        for record in fixture.records {
            for size in 0..<record.count {
                #expect(throws: LogRecordError.self) { try decode(Array(record[..<size])) }
            }
        }
    }

    private func decode(_ bytes: [UInt8]) throws -> LogRecord {
        try bytes.withUnsafeBytes { try LogRecord(decoding: $0) }
    }
}
