import MetricsModel
import TestSupport
import Testing

@testable import WriteAheadLog

@Suite struct SegmentReaderTests {
    @Test func `a whole segment gives its records in order`() throws {
        let fixture = try SegmentFixture(number: 12, salt: 0x5a17)
        let (records, report) = SegmentFixture.read(fixture.bytes)
        #expect(records == fixture.expected)
        #expect(report == SegmentReport(number: 12, recordCount: 5))
    }

    @Test func `the zeros of a preallocated file end a segment`() throws {
        let fixture = try SegmentFixture(number: 12, salt: 0x5a17)
        let zeros = [UInt8](repeating: 0, count: 5000)
        let (records, report) = SegmentFixture.read(fixture.bytes + zeros)
        #expect(records == fixture.expected)
        #expect(report == SegmentReport(number: 12, recordCount: 5))
    }

    @Test func `a write that broke off anywhere keeps all before it`() throws {
        let fixture = try SegmentFixture(number: 12, salt: 0x5a17)
        for size in SegmentHeader.size..<fixture.bytes.count {
            for padding in [0, 100] {
                let torn = fixture.bytes[..<size] + [UInt8](repeating: 0, count: padding)
                let (records, report) = SegmentFixture.read(Array(torn))
                let whole = try #require(fixture.offsets.lastIndex { $0 <= size })
                #expect(records == Array(fixture.expected[..<whole]))
                #expect(report.damaged.isEmpty)
                let start = fixture.offsets[whole]
                #expect(report.tornTail == (size == start ? nil : start))
            }
        }
    }

    @Test func `a flipped bit costs the record it is in and no other`() throws {
        let fixture = try SegmentFixture(number: 12, salt: 0x5a17)
        for offset in fixture.bytes.indices {
            var bytes = fixture.bytes
            bytes[offset] ^= 1 << UInt8(offset % 8)
            let (records, report) = SegmentFixture.read(bytes)
            #expect(report.number == 12)
            guard let hit = fixture.offsets.lastIndex(where: { $0 <= offset }) else {
                #expect(records == fixture.expected, "a header byte has a copy")
                continue
            }
            var kept = fixture.expected
            kept.remove(at: hit)
            #expect(records == kept)
            let start = fixture.offsets[hit]
            let size = fixture.offsets[hit + 1] - start
            if hit == fixture.expected.count - 1 {
                #expect(report.tornTail == start)
            } else {
                #expect(report.damaged.map(\.offset) == [start])
                #expect(report.damaged.map(\.size) == [size])
            }
        }
    }

    @Test func `cut out and inserted bytes cost only the records they touch`() throws {
        let fixture = try SegmentFixture(number: 12, salt: 0x5a17)
        var random = SeededGenerator(seed: 42)
        for _ in 0..<500 {
            let offset = Int.random(in: SegmentHeader.size..<fixture.bytes.count, using: &random)
            let count = Int.random(in: 1...40, using: &random)
            var bytes = fixture.bytes
            let end = min(offset + count, bytes.count)
            let inserts = Bool.random(using: &random)
            if inserts {
                let doubled = bytes[max(SegmentHeader.size, offset - count)..<offset]
                bytes.insert(contentsOf: doubled, at: offset)
            } else {
                bytes.removeSubrange(offset..<end)
            }
            let (records, _) = SegmentFixture.read(bytes)
            let touched = inserts ? offset..<offset : offset..<end
            for (index, record) in fixture.expected.enumerated() {
                let range = fixture.offsets[index]..<fixture.offsets[index + 1]
                let untouched =
                    range.upperBound <= touched.lowerBound || range.lowerBound >= touched.upperBound
                #expect(!untouched || records.contains(record))
            }
            for record in records { #expect(fixture.expected.contains(record)) }
        }
    }

    @Test func `random damage invents nothing and never traps`() throws {
        let fixture = try SegmentFixture(number: 12, salt: 0x5a17)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            var bytes = fixture.bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let offset = Int.random(in: 0..<bytes.count, using: &random)
                bytes[offset] = UInt8.random(in: 0...255, using: &random)
            }
            let (records, report) = SegmentFixture.read(bytes)
            #expect(report.recordCount == records.count)
            for record in records { #expect(fixture.expected.contains(record)) }
        }
    }

    @Test func `a frame inside a label's value is not taken for a record`() throws {
        let salt: UInt64 = 0x5a17
        var forged: [UInt8] = []
        // What a client can know: a segment of its own with a salt of its own.
        RecordFrame(salt: 99).append(
            LogRecordEncoder.cutFinished(tenant: .anonymous, id: 1),
            to: &forged
        )
        var encoder = LogRecordEncoder()
        forged.withUnsafeBufferPointer {
            encoder.define(1, fingerprint: Fingerprint(high: 1, low: 2), key: $0)
        }
        var bytes = SegmentHeader(number: 3, salt: salt).bytes
        RecordFrame(salt: salt).append(encoder.finish(tenant: .anonymous), to: &bytes)
        bytes[SegmentHeader.size] ^= 0xff
        let (records, report) = SegmentFixture.read(bytes)
        #expect(records.isEmpty)
        #expect(report.tornTail == SegmentHeader.size)
    }

    @Test func `a record of a later version is reported and skipped`() throws {
        let salt: UInt64 = 5
        var bytes = SegmentHeader(number: 3, salt: salt).bytes
        let frame = RecordFrame(salt: salt)
        frame.append([0x21, 1, 2, 3], to: &bytes)
        frame.append(LogRecordEncoder.cutFinished(tenant: .anonymous, id: 1), to: &bytes)
        let (records, report) = SegmentFixture.read(bytes)
        #expect(records == [.cutFinished(tenant: .anonymous, id: 1)])
        #expect(
            report.damaged == [
                SegmentDamage(
                    offset: SegmentHeader.size,
                    size: 20,
                    reason: .undecodable(.unsupportedVersion(2))
                )
            ]
        )
    }

    @Test func `a segment without a readable header is reported as a whole`() throws {
        var bytes = try SegmentFixture(number: 12, salt: 0x5a17).bytes
        bytes[3] ^= 1
        bytes[35] ^= 1
        let (records, report) = SegmentFixture.read(bytes)
        #expect(records.isEmpty)
        let damage = SegmentDamage(offset: 0, size: bytes.count, reason: .headerDamaged)
        #expect(report == SegmentReport(damaged: [damage]))
        #expect(SegmentFixture.read([]).report.damaged.map(\.reason) == [.headerDamaged])
    }
}
