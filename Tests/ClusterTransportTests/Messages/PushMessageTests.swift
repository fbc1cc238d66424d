import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import ClusterTransport

@Suite struct PushMessageTests {
    @Test(arguments: [
        (rows: 0, samples: 0...0, keys: false, span: Int64(0)...0),
        (rows: 1, samples: 1...1, keys: false, span: 5...5),
        (rows: 200, samples: 1...1, keys: false, span: 1_700_000_000_000...1_700_000_060_000),
        (rows: 200, samples: 1...1, keys: true, span: 1_700_000_000_000...1_700_000_090_000),
        (rows: 200, samples: 0...5, keys: true, span: -70_000...4_000_000_000),
        (rows: 200, samples: 2...9, keys: false, span: Int64.min...Int64.max),
    ])
    func `a batch is the same after a round trip`(
        rows: Int,
        samples: ClosedRange<Int>,
        keys: Bool,
        span: ClosedRange<Int64>
    ) throws {
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let batch = try WriteBatch.random(
                rows: rows,
                samplesPerRow: samples,
                keys: keys,
                span: span,
                using: &generator
            )
            let message = PushMessage(sequence: generator.next(), batch: batch)
            let decoded = try PushMessage(decoding: message.encoded())
            #expect(decoded.sequence == message.sequence)
            #expect(decoded.batch.hasSameBits(as: batch), "seed \(seed)")
        }
    }

    @Test func `a known series with one sample takes at most 26 bytes`() throws {
        let batch = WriteBatch.steady(tenant: try TenantID("a"), rows: 500)
        let size = PushMessage(sequence: 1, batch: batch).encodedSize
        #expect(size <= 500 * 26 + 64, "\(Double(size) / 500) bytes for each series")
    }

    @Test func `the bytes of version 1 stay as they are`() throws {
        var batch = WriteBatch(tenant: try TenantID("t1"))
        batch.fingerprints = [
            Fingerprint(high: 0x0102_0304_0506_0708, low: 0x1112_1314_1516_1718),
            Fingerprint(high: 0, low: .max),
        ]
        batch.keyEnds = [2, 2]
        batch.keys = [0xaa, 0xbb]
        batch.sampleEnds = [2, 3]
        batch.timestamps = [1000, 1300, 1000]
        batch.values = [1, -2, 0]
        let golden: [UInt8] = [
            1, 1, 0, 0,  // version, kind, reserved
            9, 0, 0, 0, 0, 0, 0, 0,  // sequence
            3, 2, 2, 0,  // flags, width of timestamps, size of tenant, reserved
            2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0,  // rows, samples, bytes of keys
            0xe8, 3, 0, 0, 0, 0, 0, 0,  // base of timestamps
            0x74, 0x31,  // tenant
            8, 7, 6, 5, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
            0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
            2, 0, 0, 0, 3, 0, 0, 0,  // ends of samples
            2, 0, 0, 0, 2, 0, 0, 0,  // ends of keys
            0xaa, 0xbb,  // keys
            0, 0, 0x2c, 1, 0, 0,  // timestamps
            0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        #expect(PushMessage(sequence: 9, batch: batch).encoded() == golden)
        #expect(try PushMessage(decoding: golden).batch == batch)
    }

    @Test func `columns that do not fit each other are refused`() throws {
        var batch = WriteBatch.steady(tenant: .anonymous, rows: 3)
        batch.sampleEnds = [2, 1, 3]
        let bytes = PushMessage(sequence: 0, batch: batch).encoded()
        #expect(throws: WireError.inconsistentColumns) { try PushMessage(decoding: bytes) }
    }

    @Test func `a tenant that cannot be one is refused`() throws {
        let message = PushMessage(sequence: 0, batch: WriteBatch(tenant: try TenantID("a")))
        var bytes = message.encoded()
        bytes[bytes.count - 1] = UInt8(ascii: "/")
        #expect(throws: WireError.invalidTenant(.forbiddenCharacter(UInt8(ascii: "/")))) {
            try PushMessage(decoding: bytes)
        }
    }

    @Test func `another version is refused`() throws {
        var bytes = PushMessage(sequence: 0, batch: WriteBatch(tenant: .anonymous)).encoded()
        bytes[0] = 3
        #expect(throws: WireError.unsupportedVersion(found: 3)) { try PushMessage(decoding: bytes) }
    }

    @Test func `counts larger than the message are refused before memory is taken for them`() {
        var bytes = PushMessage(sequence: 0, batch: WriteBatch(tenant: .anonymous)).encoded()
        for offset in 16..<28 {
            var changed = bytes
            changed[offset] = 0xff
            #expect(throws: WireError.self) { try PushMessage(decoding: changed) }
        }
        for offset in 16..<28 { bytes[offset] = 0xff }
        #expect(throws: WireError.self) { try PushMessage(decoding: bytes) }
    }
}
