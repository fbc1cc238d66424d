import MetricsModel
import RemoteWrite
import TestSupport
import Testing

@Suite struct WriteRequestScannerTests {
    @Test func `rows refer to the labels in place and to samples in columns`() throws {
        var writer = WireWriter()
        writer.series([("__name__", "up"), ("job", "a")], [(1000, 1.5), (2000, -0.0)])
        writer.series([("__name__", "down")], [(-5, .infinity)])
        let scanned = try Scanned(writer.bytes)
        #expect(
            scanned.keys == [
                (["__name__": "up", "job": "a"] as Labels).key,
                (["__name__": "down"] as Labels).key,
            ]
        )
        #expect(scanned.request.rows.map(\.isNormalised) == [false, false])
        #expect(scanned.request.timestamps == [1000, 2000, -5])
        #expect(
            scanned.request.values.map(\.bitPattern)
                == [1.5, -0.0, .infinity].map(\.bitPattern)
        )
        #expect(scanned.request.sampleRange(ofRow: 0) == 0..<2)
        #expect(scanned.request.sampleRange(ofRow: 1) == 2..<3)
    }

    @Test func `stale markers and other NaNs keep their bits`() throws {
        let values = [StaleMarker.value, Double(bitPattern: 0x7ff8_0000_0000_0001)]
        var writer = WireWriter()
        writer.series([("__name__", "up")], [(1, values[0]), (2, values[1])])
        #expect(
            try Scanned(writer.bytes).request.values.map(\.bitPattern) == values.map(\.bitPattern)
        )
    }

    @Test(
        arguments: [
            0, 1, 127, 128, 16_383, 16_384, 1 << 34, 1 << 41, 1 << 48, 1 << 55, 1 << 56, 1 << 62,
            .max, -1, .min, 1_700_000_000_000,
        ] as [Int64]
    )
    func `timestamps of every length are read`(timestamp: Int64) throws {
        var writer = WireWriter()
        writer.series([("__name__", "a")], [(timestamp, 1)])
        writer.series([("__name__", "b")], [(timestamp, 2)])
        #expect(try Scanned(writer.bytes).request.timestamps == [timestamp, timestamp])
    }

    @Test func `absent fields are zero, of repeated ones the last counts`() throws {
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.message(2, [])
            series.message(2) { sample in
                sample.tag(2, 0)
                sample.varint(7)
                sample.double(1, 1)
                sample.double(1, 2)
            }
        }
        let request = try Scanned(writer.bytes).request
        #expect(request.timestamps == [0, 7])
        #expect(request.values == [0, 2])
    }

    @Test func `samples out of order inside a series are sorted, equal times keep their order`()
        throws
    {
        var writer = WireWriter()
        writer.series([("__name__", "a")], [(9, 9)])
        writer.series([("__name__", "up")], [(5, 1), (3, 2), (5, 3), (1, 4)])
        let request = try Scanned(writer.bytes).request
        #expect(request.timestamps == [9, 1, 3, 5, 5])
        #expect(request.values == [9, 4, 2, 1, 3])
    }

    @Test func `exemplars and metadata beyond their limits are counted and not noted`() throws {
        var writer = WireWriter()
        for _ in 0..<3 {
            writer.message(1) { series in
                series.label("__name__", "up")
                series.message(3, [1])
                series.message(3, [2])
            }
            writer.message(3, [])
        }
        var limits = WriteRequestLimits()
        limits.maximumExemplars = 4
        limits.maximumMetadata = 2
        var scanned = Scanned()
        try scanned.scan(writer.bytes, limits: limits)
        let request = scanned.request
        #expect(request.exemplarCount == 6)
        #expect(request.exemplarMessages.map(\.row) == [0, 0, 1, 1])
        #expect(request.metadataCount == 3)
        #expect(request.metadataMessages.count == 2)
    }

    @Test func `exemplars, histograms and metadata are counted, unknown fields skipped`() throws {
        var writer = WireWriter()
        writer.tag(2, 0)
        writer.varint(1)
        writer.message(1) { series in
            series.label("__name__", "up")
            series.message(3, [1, 2, 3])
            series.message(4, [4])
            series.message(4, [5])
            series.double(9, 1)
            series.message(200, [1, 2])
            series.sample(1, 1)
        }
        writer.message(3, [8, 1])
        writer.message(3, [])
        let request = try Scanned(writer.bytes).request
        #expect(request.exemplarCount == 1)
        #expect(request.exemplarMessages.map(\.row) == [0])
        #expect(request.exemplarMessages.map { Array(writer.bytes[$0.range]) } == [[1, 2, 3]])
        #expect(request.metadataMessages.map { Array(writer.bytes[$0]) } == [[8, 1], []])
        #expect(request.histogramCount == 2)
        #expect(request.rows.map(\.histogramCount) == [2])
        #expect(request.metadataCount == 2)
        #expect(request.timestamps == [1])
    }

    @Test func `an empty body and an empty series are valid`() throws {
        #expect(try Scanned([]).request.rows.isEmpty)
        let scanned = try Scanned([0x0a, 0x00])
        #expect(scanned.keys == [[]])
        #expect(scanned.request.sampleRange(ofRow: 0).isEmpty)
    }

    @Test func `labels that are not one run are put together`() throws {
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("__name__", "up")
            series.sample(1, 1)
            series.label("job", "a")
            series.sample(2, 2)
            series.label("zone", "z")
        }
        writer.series([("__name__", "next")], [(3, 3)])
        let scanned = try Scanned(writer.bytes)
        #expect(
            scanned.keys == [
                (["__name__": "up", "job": "a", "zone": "z"] as Labels).key,
                (["__name__": "next"] as Labels).key,
            ]
        )
        #expect(scanned.request.rows.map(\.isNormalised) == [true, false])
        #expect(scanned.request.timestamps == [1, 2, 3])
    }

    @Test func `counts are bounded`() throws {
        var writer = WireWriter()
        for number in 0..<4 { writer.series([("__name__", "a")], [(Int64(number), 1), (9, 2)]) }
        var limits = WriteRequestLimits()
        limits.maximumSeries = 3
        #expect(Self.problem(writer.bytes, limits) == .tooManySeries(limit: 3))
        limits.maximumSeries = 4
        #expect(Self.problem(writer.bytes, limits) == nil)
        limits.maximumSamples = 7
        #expect(Self.problem(writer.bytes, limits) == .tooManySamples(limit: 7))
    }

    @Test(
        arguments: [
            ([0x0a], WireError.Problem.truncated),
            ([0x0a, 5, 1], .lengthOutOfBounds(length: 5, available: 1)),
            ([0x0b], .unsupportedWireType(3)), ([0x2b], .unsupportedWireType(3)),
            ([0x2c], .unsupportedWireType(4)), ([0x2e], .unsupportedWireType(6)),
            ([0x08, 1], .unexpectedWireType(field: 1, found: 0)), ([0x00], .invalidFieldNumber(0)),
            (
                [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
                .lengthOutOfBounds(length: .max, available: 0)
            ),
            ([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], .varintTooLong),
            (
                [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
                .varintTooLong
            ),
            ([0x29, 1, 2], .truncated), ([0x2d, 1], .truncated), ([0x28], .truncated),
            ([0x0a, 4, 0x12, 2, 0x09, 1], .truncated),
            ([0x0a, 2, 0x10, 1], .unexpectedWireType(field: 2, found: 0)),
            ([0x0a, 4, 0x12, 2, 0x08, 1], .unexpectedWireType(field: 1, found: 0)),
            // A series' label may not reach over the series' end, though the body has the bytes.
            ([0x0a, 3, 0x0a, 4, 1, 2, 3, 4], .lengthOutOfBounds(length: 4, available: 1)),
        ] as [([UInt8], WireError.Problem)]
    )
    func `malformed bodies are refused with the problem`(
        body: [UInt8],
        problem: WireError.Problem
    ) {
        #expect(Self.problem(body, WriteRequestLimits()) == problem)
    }

    @Test func `the columns of an earlier request leave nothing behind`() throws {
        var writer = WireWriter()
        writer.message(1) { series in
            series.label("a", "1")
            series.sample(1, 1)
            series.label("b", "2")
            series.message(3, [])
        }
        var scanned = try Scanned(writer.bytes)
        var second = WireWriter()
        second.series([("c", "3")], [(2, 2)])
        try scanned.scan(second.bytes)
        #expect(scanned.keys == [(["c": "3"] as Labels).key])
        #expect(scanned.request.timestamps == [2])
        #expect(scanned.request.exemplarCount == 0)
    }

    private static func problem(
        _ body: [UInt8],
        _ limits: WriteRequestLimits
    ) -> WireError.Problem? {
        var scanned = Scanned()
        do throws(WireError) {
            try scanned.scan(body, limits: limits)
            return nil
        } catch {
            return error.problem
        }
    }
}
