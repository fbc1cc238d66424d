import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Requests of remote write 2.0.
@Suite struct SymbolRequestScannerTests {
    /// Written down byte by byte from the protocol, not by our writer.
    private static let golden: [UInt8] = [
        0x22, 0,  // symbols: ""
        0x22, 8, 0x5f, 0x5f, 0x6e, 0x61, 0x6d, 0x65, 0x5f, 0x5f,  // "__name__"
        0x22, 2, 0x75, 0x70,  // "up"
        0x22, 3, 0x6a, 0x6f, 0x62,  // "job"
        0x22, 1, 0x61,  // "a"
        0x2a, 34,  // timeseries
        0x0a, 4, 1, 2, 3, 4,  // labels_refs, packed
        0x12, 11,  // samples
        0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f,  // value 1.5
        0x10, 0x64,  // timestamp 100
        0x12, 13, 0x09, 0, 0, 0, 0, 0, 0, 0x00, 0x40,  // value 2
        0x10, 0x6e, 0x18, 0x63,  // timestamp 110, start_timestamp 99
    ]

    @Test func `a golden request is read`() throws {
        let scanned = try Scanned(Self.golden, version: .two)
        #expect(scanned.keys == [(["__name__": "up", "job": "a"] as Labels).key])
        #expect(scanned.request.timestamps == [100, 110])
        #expect(scanned.request.values == [1.5, 2])
        #expect(scanned.request.startTimestamps == [0, 99])
        #expect(scanned.request.version == .two)
        var writer = SymbolWriter()
        writer.series([("__name__", "up"), ("job", "a")], [(100, 1.5, 0), (110, 2, 99)])
        #expect(writer.bytes == Self.golden)
    }

    @Test func `symbols may stand behind the series`() throws {
        var writer = SymbolWriter()
        writer.series([("__name__", "up")], [(1, 1, 0)])
        let scanned = try Scanned(writer.bytesWithSymbolsLast, version: .two)
        #expect(scanned.keys == [(["__name__": "up"] as Labels).key])
    }

    @Test func `references that are not packed, or in several fields, are one list`() throws {
        var writer = SymbolWriter()
        let numbers = writer.numbers(of: [("__name__", "up"), ("job", "a"), ("zone", "z")])
        var body = WireWriter(writer.bytes)
        body.message(5) { series in
            series.number(1, numbers[0])
            series.started(1, 1, 0)
            series.references(1, Array(numbers[1...3]))
            series.references(1, [])
            series.number(1, numbers[4])
            series.references(1, [numbers[5]])
        }
        let scanned = try Scanned(body.bytes, version: .two)
        #expect(scanned.keys == [(["__name__": "up", "job": "a", "zone": "z"] as Labels).key])
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100, 120, 127, 128, 129, 16_383, 16_384])
    func `keys are canonical whatever the lengths of texts`(size: Int) throws {
        let text = String(repeating: "v", count: size)
        var writer = SymbolWriter()
        writer.series([("__name__", "up"), ("a" + text, "x" + text), ("b", "y")], [(1, 1, 0)])
        for body in [writer.bytes, writer.bytesWithSymbolsLast] {
            var scanned = try Scanned(body, version: .two)
            let expected = Labels([("__name__", "up"), ("a" + text, "x" + text), ("b", "y")])
            #expect(scanned.keys == [expected.key])
            #expect(try !scanned.canonicalise(row: 0))
        }
    }

    @Test func `labels out of order and empty ones become canonical, twice the same is refused`()
        throws
    {
        var writer = SymbolWriter()
        writer.series([("job", "a"), ("empty", ""), ("__name__", "up")], [(1, 1, 0)])
        writer.series([("__name__", "up"), ("job", "a"), ("job", "b")], [(1, 1, 0)])
        writer.series([("", "x")], [(1, 1, 0)])
        var scanned = try Scanned(writer.bytes, version: .two)
        #expect(try scanned.canonicalise(row: 0))
        #expect(scanned.key(ofRow: 0) == (["__name__": "up", "job": "a"] as Labels).key)
        #expect(throws: SeriesKeyError.duplicateName("job")) {
            try scanned.canonicalise(row: 1)
        }
        #expect(throws: SeriesKeyError.emptyName) { try scanned.canonicalise(row: 2) }
    }

    @Test func `samples out of order are sorted with their starts`() throws {
        var writer = SymbolWriter()
        writer.series([("__name__", "a")], [(9, 9, 0)])
        writer.series([("__name__", "b")], [(5, 1, 4), (3, 2, 0), (5, 3, 2), (1, 4, 1)])
        writer.series([("__name__", "c")], [(7, 5, 0)])
        let request = try Scanned(writer.bytes, version: .two).request
        #expect(request.timestamps == [9, 1, 3, 5, 5, 7])
        #expect(request.values == [9, 4, 2, 1, 3, 5])
        #expect(request.startTimestamps == [0, 1, 0, 4, 2, 0])
    }

    @Test func `starts after their sample and before 1970 are unknown`() throws {
        var writer = SymbolWriter()
        writer.series([("__name__", "a")], [(5, 1, 6), (6, 1, -1), (7, 1, .min), (8, 1, .max)])
        #expect(try Scanned(writer.bytes, version: .two).request.startTimestamps == [])
        writer.series([("__name__", "b")], [(5, 1, 5)])
        let request = try Scanned(writer.bytes, version: .two).request
        #expect(request.startTimestamps == [0, 0, 0, 0, 5])
    }

    @Test func `the created timestamp of a series stands in for starts`() throws {
        var writer = SymbolWriter()
        writer.series([("__name__", "a")], [(1, 1, 0)])
        writer.series([("__name__", "b")]) { series in
            series.number(6, 10)
            series.started(9, 1, 0)
            series.started(20, 1, 0)
            series.started(30, 1, 15)
        }
        writer.series([("__name__", "c")]) { series in
            series.startedHistogram(9, count: 1)
            series.startedHistogram(20, count: 1)
            series.startedHistogram(30, count: 1, start: 15)
            series.startedHistogram(40, count: 1, start: 41)
            series.number(6, 10)
        }
        writer.series([("__name__", "d")]) { $0.startedHistogram(30, count: 1) }
        let scanned = try Scanned(writer.bytes, version: .two)
        #expect(scanned.request.startTimestamps == [0, 0, 10, 15])
        let starts = try scanned.body.withUnsafeBytes { body in
            try (0..<5).map { try scanned.request.histogram($0, in: body).start }
        }
        #expect(starts == [0, 10, 15, 10, 0])
    }

    @Test func `an empty request has nothing`() throws {
        #expect(try Scanned([], version: .two).request.rows.isEmpty)
        #expect(try Scanned([0x22, 0], version: .two).request.rows.isEmpty)
        // Fields of later days.
        #expect(try Scanned([0x22, 0, 0x30, 7, 0x3a, 1, 9], version: .two).request.rows.isEmpty)
    }

    @Test func `columns are used again for requests of either version`() throws {
        var one = WireWriter()
        one.series([("__name__", "one")], [(1, 1)])
        var two = SymbolWriter()
        two.series([("__name__", "two")], [(2, 2, 1)], kind: 1, help: "Twos.")
        var scanned = try Scanned(two.bytes, version: .two)
        try scanned.scan(one.bytes)
        #expect(scanned.request.startTimestamps == [])
        #expect(scanned.request.metadataCount == 0)
        #expect(scanned.keys == [(["__name__": "one"] as Labels).key])
        try scanned.scan(two.bytes, version: .two)
        #expect(scanned.request.startTimestamps == [1])
        #expect(scanned.request.metadataCount == 1)
        #expect(scanned.keys == [(["__name__": "two"] as Labels).key])
    }
}
