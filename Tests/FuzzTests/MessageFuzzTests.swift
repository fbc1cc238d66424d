import ChunkCoding
import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import ClusterTransport

/// Damages the messages between our processes.
@Suite struct MessageFuzzTests {
    @Test func `damaged push messages are read or refused`() throws {
        let corpus = try Self.batches(seed: 7).enumerated().map {
            PushMessage(sequence: UInt64($0.offset), batch: $0.element).encoded()
        }
        run("push", seed: 41, corpus) { bytes in
            guard let message = try? PushMessage(decoding: bytes) else { return false }
            #expect(message.batch.isConsistent)
            return true
        }
    }

    @Test func `damaged answers are read or refused`() {
        var answer = WriteAnswer()
        answer.unknownRows = [0, 7, 9]
        answer.refusals = [
            .init(row: 1, sample: 2, reason: .tooOld),
            .init(row: 3, sample: 4, reason: .outOfOrder),
        ]
        let replies: [PushReply] = [
            .answer(sequence: 1, answer), .answer(sequence: 2, WriteAnswer()), .goodbye,
            .failure(sequence: 3, .ingester(.overloaded(what: "tenants", limit: 7))),
            .failure(sequence: 4, .ingester(.storageFailed("the disk is full"))),
        ]
        run("push-reply", seed: 42, replies.map { $0.encoded() }) {
            (try? PushReply(decoding: $0)) != nil
        }
    }

    @Test func `damaged requests for series are read or refused`() throws {
        let matchers = [
            try LabelMatcher(name: "__name__", operation: .equal, value: "up"),
            try LabelMatcher(name: "pod", operation: .matches, value: "a.*|b[0-9]+"),
        ]
        let request = SelectRequest(
            tenant: try TenantID("team"),
            matchers: matchers,
            range: TimeRange(start: 0, end: 1 << 40)
        )
        let corpus = [
            SelectMessage(request), SelectMessage(request, label: "job"),
            SelectMessage(SelectRequest(tenant: .anonymous, matchers: [], range: .all)),
        ]
        run("select", seed: 43, corpus.map { $0.encoded() }) {
            (try? SelectMessage(decoding: $0)) != nil
        }
    }

    @Test func `damaged lists of series are read or refused`() {
        let chunk = EncodedChunk.encode([1000, 2000, 3000], [1, 2, 4])
        let series = (0..<4).map { number in
            SelectedSeries(
                labels: ["__name__": "up", "pod": "p\(number)"],
                chunks: Array(repeating: chunk, count: number)
            )
        }
        run(
            "series-list",
            seed: 44,
            [ListMessage(series).encoded(), ListMessage(series.map(\.labels)).encoded()]
        ) {
            let isSeries = (try? ListMessage<SelectedSeries>(decoding: $0)) != nil
            let isLabels = (try? ListMessage<Labels>(decoding: $0)) != nil
            return isSeries || isLabels
        }
    }

    private func run(
        _ name: String,
        seed: UInt64,
        _ corpus: [[UInt8]],
        decode: ([UInt8]) -> Bool
    ) {
        let both = corpus + corpus.map(Self.nextVersion)
        let (total, accepted) = FuzzRun.run(name, seed: seed, cases: 6_000, corpus: both) {
            decode($0)
        }
        #expect(accepted > 0 && accepted < total)
    }

    /// The same message as the next version may send it: with something behind what this one knows.
    private static func nextVersion(_ bytes: [UInt8]) -> [UInt8] {
        [WireHeader.version + 1] + bytes.dropFirst() + [7, 0, 0, 0] + Array("unknown".utf8)
    }

    private static func batches(seed: UInt64) throws -> [WriteBatch] {
        var random = SeededGenerator(seed: seed)
        return try (0..<10).map { number in
            var batch = WriteBatch(tenant: try TenantID("team-\(number)"))
            for row in 0..<number {
                batch.fingerprints.append(Fingerprint(high: random.next(), low: random.next()))
                if row % 2 == 0 { batch.keys += [UInt8](repeating: UInt8(row), count: 20) }
                batch.keyEnds.append(UInt32(batch.keys.count))
                for _ in 0..<row % 3 {
                    batch.timestamps.append(Int64(row) * 1000)
                    batch.values.append(Double(bitPattern: random.next()))
                }
                batch.sampleEnds.append(UInt32(batch.timestamps.count))
            }
            guard number % 3 == 2 else { return batch }
            for row in 0..<number {
                if row % 2 == 1 {
                    let buckets = Histogram.Buckets(indexes: [0, 4], counts: [1, 2])
                    batch.histograms.timestamps.append(Int64(row) * 1000 + 1)
                    batch.histograms.values.append(Histogram(count: 3, positive: buckets))
                    batch.histograms.startTimestamps.append(0)
                }
                batch.histogramEnds.append(UInt32(batch.histograms.timestamps.count))
            }
            batch.startTimestamps = batch.timestamps.map { $0 / 2 }
            return batch
        }
    }
}
