import MetricsModel
import TestSupport
import Testing

@testable import RemoteWrite

@Suite struct LabelRemovalTests {
    private static let name = Array("__replica__".utf8)

    /// Scans a body, removes the label, and returns the keys.
    private static func keys(
        _ body: [UInt8],
        version: WriteVersion = .one
    ) throws -> (keys: [[UInt8]], count: Int, samples: [Int64]) {
        var buffer = ReusableBuffer()
        buffer.prepare(count: body.count).copyBytes(from: body)
        var request = DecodedWriteRequest()
        switch version {
        case .one:
            try WriteRequestScanner.scan(buffer.bytes, limits: .init(), into: &request)
        case .two:
            try SymbolRequestScanner.scan(buffer.bytes, limits: .init(), into: &request)
        }
        let count = request.removeLabel(named: name, from: &buffer)
        let keys = request.rows.indices.map { row in
            request.withKey(ofRow: row, in: buffer.bytes) { Array($0) }
        }
        return (keys, count, request.timestamps)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `what is left is the key of the labels without it`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var writer = WireWriter()
        var symbols = SymbolWriter()
        var expected: [Labels] = []
        for number in 0..<20 as Range<Int64> {
            var pairs: [(String, String)] = [("__name__", "m\(number)")]
            if Bool.random(using: &generator) {
                let size = Int.random(in: 1...300, using: &generator)
                pairs.append(("__replica__", String(repeating: "r", count: size)))
            }
            for label in 0..<Int.random(in: 0...4, using: &generator) {
                let size = Int.random(in: 1...200, using: &generator)
                pairs.append(("label\(label)", String(repeating: "v", count: size)))
            }
            writer.series(pairs, [(number, 1)])
            symbols.series(pairs, [(number, 1, 0)])
            expected.append(Labels(pairs.filter { $0.0 != "__replica__" }))
        }
        for (body, version) in [(writer.bytes, WriteVersion.one), (symbols.bytes, .two)] {
            let found = try Self.keys(body, version: version)
            #expect(found.keys == expected.map(\.key), "\(version)")
            #expect(found.samples == Array(0..<20), "\(version)")
        }
    }

    @Test func `labels twice, out of order or in a strange form stay for those who sort them`()
        throws
    {
        var writer = WireWriter()
        writer.series([("__name__", "m"), ("__replica__", "a"), ("__replica__", "b")], [])
        writer.series([("zone", "z"), ("__replica__", "a"), ("__name__", "m")], [])
        writer.message(1) { series in
            var label = WireWriter()
            label.message(1, Array("__replica__".utf8))
            label.message(2, Array("a".utf8))
            series.message(1, extraLengthBytes: 2, label.bytes)
        }
        writer.series([], [])
        let found = try Self.keys(writer.bytes)
        #expect(found.count == 0)
        #expect(found.keys[0].count > found.keys[3].count)
    }

    @Test func `the first and the only label go too`() throws {
        var writer = WireWriter()
        writer.series([("__replica__", "a")], [(1, 1)])
        writer.series([("__replica__", "a"), ("z", "1")], [(2, 1)])
        let found = try Self.keys(writer.bytes)
        #expect(found.count == 2)
        #expect(found.keys == [[], (["z": "1"] as Labels).key])
    }
}
