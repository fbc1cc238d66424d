import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Damages remote-write 2.0 requests.
@Suite struct SymbolRequestFuzzTests {
    @Test func `damaged requests are read within their limits or refused`() {
        let corpus = Self.requests(seed: 7)
        var request = DecodedWriteRequest()
        var limits = WriteRequestLimits()
        limits.maximumSeries = 50
        limits.maximumSamples = 500
        limits.maximumSymbols = 300
        limits.maximumLabels = 20
        limits.maximumKeyBytes = 1 << 14
        limits.maximumMetadata = 20
        let (total, accepted) = FuzzRun.run(
            "symbol-request",
            seed: 33,
            cases: 15_000,
            corpus: corpus
        ) { bytes in
            bytes.withUnsafeBytes { body in
                guard
                    (try? SymbolRequestScanner.scan(body, limits: limits, into: &request)) != nil
                else {
                    #expect(request.sideSize <= limits.maximumKeyBytes)
                    return false
                }
                Self.check(&request, in: body, limits: limits)
                return true
            }
        }
        #expect(accepted > 0 && accepted < total)
        #expect(request.capacity < 1 << 20)
    }

    private static func check(
        _ request: inout DecodedWriteRequest,
        in body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits
    ) {
        #expect(request.rows.count <= limits.maximumSeries)
        #expect(request.timestamps.count <= limits.maximumSamples)
        #expect(request.values.count == request.timestamps.count)
        #expect(
            request.startTimestamps.isEmpty
                || request.startTimestamps.count == request.timestamps.count
        )
        #expect(request.sideSize <= limits.maximumKeyBytes)
        for row in request.rows.indices {
            #expect(request.sampleRange(ofRow: row).upperBound <= request.timestamps.count)
            _ = try? request.canonicalise(row: row, in: body, maximumLabels: 64)
        }
        for index in request.histogramMessages.indices {
            _ = try? request.histogram(index, in: body)
        }
        for place in request.exemplarMessages { _ = try? request.exemplar(at: place, in: body) }
        #expect(request.metadataMessages.count <= limits.maximumMetadata)
        for index in request.metadataMessages.indices {
            _ = try? request.metadata(index, in: body)
        }
    }

    private static func requests(seed: UInt64) -> [[UInt8]] {
        var random = SeededGenerator(seed: seed)
        return (0..<12).map { number in
            var writer = SymbolWriter()
            let trace = writer.numbers(of: [("trace_id", "\(number)")])
            let help = writer.number(of: "All requests.")
            for series in 0..<number * 2 {
                writer.series([
                    ("__name__", "requests_total"), ("pod", "pod-\(series)"),
                    ("zone", "z\(number)"),
                ]) { fields in
                    for index in 0..<Int.random(in: 0...4, using: &random) {
                        let time = 1_700_000_000_000 + Int64(index) * 15_000
                        let start = Bool.random(using: &random) ? time - 7 : 0
                        if series % 3 == 0 {
                            fields.startedHistogram(time, count: 3, start: start)
                        } else {
                            fields.started(time, Double(bitPattern: random.next()), start)
                        }
                    }
                    fields.exemplar(references: trace, 1_700_000_000_000, 1)
                    fields.seriesMetadata(kind: 1, help: help)
                    if series % 4 == 0 { fields.number(6, 1_600_000_000_000) }
                }
            }
            return writer.bytes
        }
    }
}
