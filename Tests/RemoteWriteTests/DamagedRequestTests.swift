import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Nothing that arrives may trap, and what is accepted must be consistent.
@Suite struct DamagedRequestTests {
    @Test func `no truncation traps`() {
        let body = Self.sampleBody
        for count in body.indices { Self.survive(Array(body[..<count])) }
    }

    @Test func `no changed byte traps`() {
        for position in Self.sampleBody.indices {
            for mask in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x7f] as [UInt8] {
                var body = Self.sampleBody
                body[position] ^= mask
                Self.survive(body)
            }
        }
    }

    @Test(arguments: 0..<300)
    func `no random changes trap`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var body = Self.sampleBody
        for _ in 0..<Int.random(in: 1...10, using: &generator) {
            let position = Int.random(in: 0..<body.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: body[position] = UInt8.random(in: 0 ... .max, using: &generator)
            case 1: body.insert(UInt8.random(in: 0 ... .max, using: &generator), at: position)
            default: body.remove(at: position)
            }
        }
        Self.survive(body)
    }

    @Test func `no damaged snappy block traps`() {
        var writer = WireWriter()
        writer.message(1, Self.sampleBody)
        let block = writer.compressed
        var buffer = ReusableBuffer()
        for position in block.indices {
            for mask in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
                var damaged = block
                damaged[position] ^= mask
                damaged.withUnsafeBytes { bytes in
                    try? SnappyBlock.decompress(bytes, limit: 1 << 20, into: &buffer)
                }
                #expect(buffer.bytes.count <= 1 << 20)
            }
        }
    }

    private static func survive(_ body: [UInt8]) {
        var scanned = Scanned()
        do throws(WireError) { try scanned.scan(body) } catch {
            #expect((0...body.count).contains(error.offset))
            return
        }
        let request = scanned.request
        #expect(request.timestamps.count == request.values.count)
        #expect(Int(request.rows.last?.sampleEnd ?? 0) == request.timestamps.count)
        for row in request.rows.indices {
            let times = request.timestamps[request.sampleRange(ofRow: row)]
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
            guard (try? scanned.canonicalise(row: row)) != nil else { continue }
            #expect((try? Labels(validating: scanned.key(ofRow: row))) != nil)
        }
    }

    private static let sampleBody: [UInt8] = {
        var writer = WireWriter()
        writer.series([("__name__", "up"), ("job", "a")], [(1_700_000_000_000, 1.5)])
        writer.message(1) { series in
            series.label("job", String(repeating: "b", count: 130))
            series.sample(-3, 2)
            series.label("__name__", "up")
            series.sample(-7, 3)
            series.message(3) { $0.label("trace_id", "abc") }
            series.message(4, [0x08, 1, 0x20, 2])
        }
        writer.message(3) { metadata in
            metadata.tag(1, 0)
            metadata.varint(1)
            metadata.message(2, Array("up".utf8))
        }
        return writer.bytes
    }()
}
