import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import ClusterTransport

/// Every decoder meets truncated, changed and random bytes: it gives an error or a valid value.
@Suite struct DamagedMessageTests {
    /// An encoded message, and a decoder that returns the bytes its value takes in memory, or nil where it refuses.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var decodedSize: @Sendable ([UInt8]) -> Int?
    }

    static let cases: [Case] = {
        var generator = SeededGenerator(seed: 42)
        var cases: [Case] = []
        for keys in [false, true] {
            let batch = try? WriteBatch.random(
                rows: 6,
                samplesPerRow: keys ? 0...3 : 1...1,
                keys: keys,
                span: 0...70_000,
                using: &generator
            )
            guard let batch else { continue }
            cases.append(
                Case(
                    testDescription: "batch, keys: \(keys)",
                    bytes: PushMessage(sequence: 1, batch: batch).encoded()
                ) { bytes in
                    guard let batch = try? PushMessage(decoding: bytes).batch else { return nil }
                    return batch.rowCount * 24 + batch.keys.count + batch.sampleCount * 16
                }
            )
        }
        for (number, reply) in PushReplyTests.replies.enumerated() {
            cases.append(
                Case(testDescription: "reply \(number)", bytes: reply.encoded()) { bytes in
                    guard let reply = try? PushReply(decoding: bytes) else { return nil }
                    guard case .answer(_, let answer) = reply else { return 0 }
                    return answer.unknownRows.count * 4 + answer.refusals.count * 12
                }
            )
        }
        let request = SelectRequest(
            tenant: .anonymous,
            matchers: [LabelMatcher(name: "a", equals: "b")],
            range: .all
        )
        cases.append(
            Case(testDescription: "request", bytes: SelectMessage(request, label: "l").encoded()) {
                (try? SelectMessage(decoding: $0)).map { $0.request.matchers.count * 56 }
            }
        )
        let series = [SelectedSeries.numbered(1), .numbered(2)]
        cases.append(
            Case(testDescription: "series", bytes: ListMessage(series).encoded()) {
                (try? ListMessage<SelectedSeries>(decoding: $0)).map { message in
                    message.items.reduce(0) { $0 + 16 + $1.encodedSize }
                }
            }
        )
        cases.append(
            Case(
                testDescription: "labels",
                bytes: ListMessage(series.map(\.labels)).encoded()
            ) {
                (try? ListMessage<Labels>(decoding: $0)).map { message in
                    message.items.reduce(0) { $0 + 8 + $1.encodedSize }
                }
            }
        )
        cases.append(
            Case(testDescription: "texts", bytes: ListMessage(["a", "größe"]).encoded()) {
                (try? ListMessage<String>(decoding: $0)).map { message in
                    message.items.reduce(0) { $0 + 16 + $1.encodedSize }
                }
            }
        )
        let counted = CountedSeries.some
        cases.append(
            Case(testDescription: "counted series", bytes: ListMessage([counted]).encoded()) {
                guard let message = try? ListMessage<CountedSeries>(decoding: $0) else {
                    return nil
                }
                // Whatever was accepted can be walked.
                for columns in message.items.map(\.columns) {
                    for series in 0..<columns.seriesCount { _ = columns.key(of: series) }
                }
                return message.items.reduce(0) { $0 + $1.encodedSize }
            }
        )
        return cases
    }()

    @Test(arguments: cases)
    func `every truncation is refused`(example: Case) {
        #expect(example.decodedSize(example.bytes) != nil)
        for size in 0..<example.bytes.count {
            #expect(
                example.decodedSize([UInt8](example.bytes.prefix(size))) == nil,
                "\(size) bytes"
            )
        }
    }

    @Test(arguments: cases)
    func `every changed byte gives an error or a value in proportion to the input`(example: Case) {
        for offset in example.bytes.indices {
            for mask: UInt8 in [0x01, 0x02, 0x10, 0x80, 0xff] {
                var bytes = example.bytes
                bytes[offset] ^= mask
                expectProportion(example, bytes)
            }
        }
    }

    @Test(arguments: cases)
    func `a damaged message of the next version gives an error or a value in proportion to it`(
        example: Case
    ) {
        let next = NextVersion.form(of: example.bytes)
        #expect(example.decodedSize(next) != nil)
        for offset in next.indices {
            for mask: UInt8 in [0x01, 0x80, 0xff] {
                var bytes = next
                bytes[offset] ^= mask
                expectProportion(example, bytes)
            }
            expectProportion(example, [UInt8](next.prefix(offset)))
        }
    }

    @Test(arguments: cases)
    func `random changes give an error or a value in proportion to the input`(example: Case) {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var bytes = example.bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let offset = bytes.indices.randomElement(using: &generator) ?? 0
                bytes[offset] = .random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.removeLast(bytes.count / 3) }
            expectProportion(example, bytes)
        }
    }

    private func expectProportion(_ example: Case, _ bytes: [UInt8]) {
        guard let size = example.decodedSize(bytes) else { return }
        #expect(size <= bytes.count * 8, "\(bytes)")
    }
}
