import MetricsModel
import RemoteWrite
import TestSupport
import Testing

/// Damages remote-write requests, compressed and not.
@Suite struct WriteRequestFuzzTests {
    @Test func `damaged requests are read within their limits or refused`() {
        let corpus = Self.requests(seed: 5)
        var request = DecodedWriteRequest()
        var limits = WriteRequestLimits()
        limits.maximumSeries = 50
        limits.maximumSamples = 500
        let (total, accepted) = FuzzRun.run(
            "write-request",
            seed: 31,
            cases: 15_000,
            corpus: corpus
        ) { bytes in
            bytes.withUnsafeBytes { body in
                guard
                    (try? WriteRequestScanner.scan(body, limits: limits, into: &request)) != nil
                else { return false }
                #expect(request.rows.count <= limits.maximumSeries)
                #expect(request.timestamps.count <= limits.maximumSamples)
                #expect(request.values.count == request.timestamps.count)
                for row in request.rows.indices {
                    #expect(request.sampleRange(ofRow: row).upperBound <= request.timestamps.count)
                    _ = try? request.canonicalise(row: row, in: body, maximumLabels: 64)
                }
                for range in request.histogramMessages {
                    _ = try? HistogramMessage(UnsafeRawBufferPointer(rebasing: body[range]))
                }
                Self.dropLabels(of: bytes, limits: limits)
                return true
            }
        }
        #expect(accepted > 0 && accepted < total)
    }

    /// Takes labels off the keys of a body in memory of its own, as of a pair of senders.
    private static func dropLabels(of body: [UInt8], limits: WriteRequestLimits) {
        var buffer = ReusableBuffer()
        var request = DecodedWriteRequest()
        SnappyBlock.compress(body).withUnsafeBytes {
            try? SnappyBlock.decompress($0, limit: body.count, into: &buffer)
        }
        guard (try? WriteRequestScanner.scan(buffer.bytes, limits: limits, into: &request)) != nil
        else { return }
        for name in ["job", "__name__", ""] {
            let name = Array(name.utf8)
            request.removeLabel(named: name, from: &buffer)
            for row in request.rows.indices {
                _ = request.values(of: [name], ofRow: row, in: buffer.bytes)
                _ = try? request.canonicalise(row: row, in: buffer.bytes, maximumLabels: 64)
            }
            let count = request.removeLabel(named: name, from: &buffer)
            #expect(count <= request.rows.count)
        }
    }

    @Test func `damaged snappy blocks are unpacked within their limit or refused`() {
        let corpus = Self.requests(seed: 6).map { SnappyBlock.compress($0) }
        var buffer = ReusableBuffer()
        let (total, accepted) = FuzzRun.run("snappy", seed: 32, cases: 12_000, corpus: corpus) {
            bytes in
            bytes.withUnsafeBytes { compressed in
                let isTaken =
                    (try? SnappyBlock.decompress(compressed, limit: 1 << 16, into: &buffer)) != nil
                #expect(buffer.capacity <= 1 << 17)
                return isTaken
            }
        }
        #expect(accepted > 0 && accepted < total)
    }

    private static func requests(seed: UInt64) -> [[UInt8]] {
        var random = SeededGenerator(seed: seed)
        return (0..<12).map { number in
            var encoder = WriteRequestEncoder()
            for series in 0..<number * 2 {
                let labels = Labels([
                    ("__name__", "requests_total"), ("pod", "pod-\(series)"),
                    ("zone", "z\(number)"),
                ])
                encoder.add(
                    labels,
                    (0..<Int.random(in: 0...4, using: &random)).map { index in
                        Sample(
                            timestamp: 1_700_000_000_000 + Int64(index) * 15_000,
                            value: Double(bitPattern: random.next())
                        )
                    }
                )
            }
            return encoder.uncompressed
        }
    }
}
