import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Nothing that arrives as remote write 2.0 may trap, and what is accepted must be consistent.
@Suite struct DamagedSymbolRequestTests {
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

    private static func survive(_ body: [UInt8]) {
        var limits = WriteRequestLimits()
        limits.maximumKeyBytes = 1 << 16
        var scanned = Scanned()
        do throws(WireError) { try scanned.scan(body, version: .two, limits: limits) } catch {
            #expect((0...body.count).contains(error.offset))
            #expect(scanned.request.capacity < 1 << 18)
            return
        }
        let request = scanned.request
        #expect(request.capacity < 1 << 18)
        #expect(request.timestamps.count == request.values.count)
        #expect(
            request.startTimestamps.isEmpty
                || request.startTimestamps.count == request.timestamps.count
        )
        for (start, timestamp) in zip(request.startTimestamps, request.timestamps) where start != 0
        {
            #expect(start > 0 && start <= timestamp)
        }
        #expect(Int(request.rows.last?.sampleEnd ?? 0) == request.timestamps.count)
        for row in request.rows.indices {
            let times = request.timestamps[request.sampleRange(ofRow: row)]
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
            guard (try? scanned.canonicalise(row: row)) != nil else { continue }
            #expect((try? Labels(validating: scanned.key(ofRow: row))) != nil)
        }
        body.withUnsafeBytes { body in
            for index in request.histogramMessages.indices {
                guard let found = try? request.histogram(index, in: body) else { continue }
                #expect(found.start <= found.message.timestamp || found.start == 0)
            }
            for place in request.exemplarMessages {
                guard let found = try? request.exemplar(at: place, in: body) else { continue }
                #expect(found.isStorable)
            }
            for index in request.metadataMessages.indices {
                guard let found = try? request.metadata(index, in: body) else { continue }
                #expect(found.isStorable)
            }
        }
    }

    private static let sampleBody: [UInt8] = {
        var writer = SymbolWriter()
        writer.series(
            [("__name__", "up"), ("job", "a")],
            [(1_700_000_000_000, 1.5, 1_600_000_000_000), (3, -1, 2)],
            kind: 1,
            help: "Ups.",
            unit: "s"
        )
        let trace = writer.numbers(of: [("trace_id", "abc")])
        writer.series([("job", String(repeating: "b", count: 130)), ("__name__", "up")]) { series in
            series.started(-7, 2, 0)
            series.exemplar(references: trace, 9, 1)
            series.number(6, 5)
        }
        writer.series([("__name__", "h")]) { series in
            series.startedHistogram(12, count: 3, start: 4)
            series.seriesMetadata(kind: 3)
        }
        return writer.bytes
    }()
}
