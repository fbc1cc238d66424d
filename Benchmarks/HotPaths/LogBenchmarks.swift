import Benchmark
import Measuring
import MetricsModel
import WriteAheadLog

/// The bytes of the write-ahead log.
enum LogBenchmarks {
    static func register() {
        encode()
        replay()
    }

    /// Makes records of full requests of known series and puts them into frames.
    ///
    /// Expected: 8 ns a sample: some 11 bytes, written, copied twice and hashed.
    private static func encode() {
        measure("Log: encode records, per 1000 samples") { (_, fixture: LogFixture) in
            for request in 0..<Workload.requestCount { fixture.encode(request) }
        } setup: {
            LogFixture()
        }
    }

    /// Reads a segment of a million samples.
    ///
    /// Expected: 10 ns a sample.
    private static func replay() {
        measure("Log: decode records, per 1000 samples") { (benchmark, segment: [UInt8]) in
            var count = 0
            let report = segment.withUnsafeBytes { bytes in
                SegmentReader.read(bytes) { record in
                    if case .samples(let samples) = record { count += samples.timestamps.count }
                }
            }
            if count != 1_000_000 { benchmark.error("read \(count) samples: \(report)") }
        } setup: {
            LogFixture().segment()
        }
    }
}

/// Full requests over one set of series, as an ingester logs them.
private final class LogFixture {
    private let frame = RecordFrame(salt: 3)
    private let references: [UInt32]
    private let values: [Double]
    private var encoder = LogRecordEncoder()
    private var frames: [UInt8] = []

    init() {
        var generator = SeededGenerator(seed: 3)
        references = (0..<UInt32(100_000)).shuffled(using: &generator)
        values = references.map { Double($0) / 8 }
    }

    /// Encodes one request; the framed record is in `frames`.
    func encode(_ request: Int) {
        let first = request * Workload.requestSize % references.count
        let timestamp = Workload.start + Int64(request) * 7
        for index in first..<first + Workload.requestSize {
            encoder.add(reference: references[index], timestamp: timestamp, value: values[index])
        }
        frames.removeAll(keepingCapacity: true)
        frame.append(encoder.finish(tenant: .anonymous), to: &frames)
        blackHole(frames)
    }

    /// A segment of a million samples.
    func segment() -> [UInt8] {
        var segment = SegmentHeader(number: 1, salt: 3).bytes
        for request in 0..<Workload.requestCount {
            encode(request)
            segment += frames
        }
        return segment
    }
}
