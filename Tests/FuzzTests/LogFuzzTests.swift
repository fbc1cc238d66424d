import MetricsModel
import TestSupport
import Testing

@testable import WriteAheadLog

/// Damages records and whole segments of the log.
@Suite struct LogFuzzTests {
    @Test func `damaged records are read or refused`() throws {
        let corpus = try FuzzSegment.random(seed: 1, records: 30).records
        let (total, accepted) = FuzzRun.run("log-record", seed: 11, cases: 12_000, corpus: corpus) {
            bytes in
            guard let record = try? bytes.withUnsafeBytes({ try LogRecord(decoding: $0) }) else {
                return false
            }
            if case .samples(let samples) = record {
                #expect(samples.references.count == samples.timestamps.count)
                #expect(samples.references.count == samples.values.count)
                #expect(samples.definitions.allSatisfy { $0.key.upperBound <= samples.keys.count })
            }
            return true
        }
        #expect(accepted > 0 && accepted < total)
    }

    @Test func `a damaged segment keeps every record outside the damage and invents none`() throws {
        let settings = FuzzSettings.current(seed: 12)
        var mutator = ByteMutator(seed: settings.seed)
        var segments = try (0..<8).map { try FuzzSegment.random(seed: $0, records: 20) }
        try settings.run("log-segment", cases: 1_500) { number in
            if number % 200 == 199 {
                for index in segments.indices {
                    segments[index] = try FuzzSegment.random(
                        seed: UInt64(number * 8 + index),
                        records: 1 + mutator.pick(below: 40)
                    )
                }
            }
            let segment = segments[mutator.pick(below: segments.count)]
            // Also with frames of other segments in it, which are whole but not of this one.
            let damaged = mutator.mutate(segment.bytes, withPartsOf: segments.map(\.bytes))
            segment.check(damaged)
            return true
        }
    }

    @Test func `bytes of a log changed in place cost their records only`() throws {
        let settings = FuzzSettings.current(seed: 13)
        var mutator = ByteMutator(seed: settings.seed)
        let segment = try FuzzSegment.random(seed: 99, records: 60)
        settings.run("log-in-place", cases: 1_000) { _ in
            var bytes = segment.bytes + [UInt8](repeating: 0, count: mutator.pick(below: 300))
            var hit: Set<Int> = []
            for _ in 0...mutator.pick(below: 6) {
                let offset = mutator.pick(below: bytes.count)
                for index in offset..<min(bytes.count, offset + 1 + mutator.pick(below: 40)) {
                    bytes[index] ^= UInt8(1 + mutator.pick(below: 255))
                    if let record = segment.record(at: index) { hit.insert(record) }
                }
            }
            let headerHit = (0..<2).allSatisfy { copy in
                (copy * 32..<copy * 32 + 32).contains { bytes[$0] != segment.bytes[$0] }
            }
            guard !headerHit else { return true }
            let found = FuzzSegment.read(bytes)
            let kept = segment.expected.indices.filter { !hit.contains($0) }
            // Some bytes may have been changed back by a second change: then a record is there nevertheless.
            let missing = kept.filter { !found.contains(segment.expected[$0]) }
            #expect(missing.isEmpty, "records \(missing) were not damaged")
            #expect(found.allSatisfy { segment.expected.contains($0) }, "a record was invented")
            return true
        }
    }
}
