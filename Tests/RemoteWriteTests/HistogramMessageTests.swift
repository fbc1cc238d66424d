import MetricsModel
import RemoteWrite
import Testing

@Suite struct HistogramMessageTests {
    private static func decode(_ write: (inout WireWriter) -> Void) throws -> HistogramMessage {
        var writer = WireWriter()
        write(&writer)
        return try decode(writer.bytes)
    }

    private static func decode(_ bytes: [UInt8]) throws -> HistogramMessage {
        try bytes.withUnsafeBytes { try HistogramMessage($0) }
    }

    private static func integer(_ writer: inout WireWriter) {
        writer.number(1, 14)
        writer.double(3, -2.5)
        writer.signed(4, 3)
        writer.double(5, 0.001)
        writer.number(6, 2)
        writer.span(8, 1, 1)
        writer.deltas(9, [1])
        writer.span(11, -2, 2)
        writer.span(11, 3, 1)
        writer.deltas(12, [3, -1, 4])
        writer.number(14, 2)
        writer.number(15, 1_700_000_000_000)
    }

    @Test func `an integer histogram is read with absolute counts`() throws {
        let message = try Self.decode(Self.integer)
        #expect(message.timestamp == 1_700_000_000_000)
        let expected = Histogram(
            schema: 3,
            resetHint: .notReset,
            zeroThreshold: 0.001,
            zeroCount: 2,
            count: 14,
            sum: -2.5,
            positive: .init(indexes: [-2, -1, 3], counts: [3, 2, 6]),
            negative: .init(indexes: [1], counts: [1])
        )
        #expect(message.histogram == expected)
    }

    @Test func `a float histogram need not count to the last digit`() throws {
        let message = try Self.decode { writer in
            writer.double(2, 0.3)
            writer.double(7, 0)
            writer.span(11, 0, 2)
            writer.doubles(13, [0.1, 0.2])
            writer.number(14, 3)
        }
        let expected = Histogram(
            resetHint: .gauge,
            count: 0.3,
            positive: .init(indexes: [0, 1], counts: [0.1, 0.2])
        )
        #expect(message.histogram == expected)
        // The kind is in the field that says the count, also where it is 0.
        let empty = try Self.decode { writer in
            writer.double(2, 0)
            writer.span(11, 5, 1)
            writer.doubles(13, [7])
        }
        #expect(empty.histogram.positive.counts == [7])
    }

    @Test func `custom buckets keep their bounds`() throws {
        let message = try Self.decode { writer in
            writer.number(1, 6)
            writer.signed(4, -53)
            writer.span(11, 0, 3)
            writer.deltas(12, [1, 1, 1])
            writer.doubles(16, [0.5, 10])
        }
        #expect(message.histogram.customBounds == [0.5, 10])
        #expect(message.histogram.positive.counts == [1, 2, 3])
    }

    @Test func `a staleness marker is taken whatever else it says`() throws {
        let message = try Self.decode { writer in
            writer.number(1, 99)
            writer.double(3, StaleMarker.value)
        }
        #expect(message.histogram.isStaleMarker)
    }

    @Test func `buckets count no more than the histogram where its sum is no number`() throws {
        func decode(_ count: UInt64, sum: Double) throws -> HistogramMessage {
            try Self.decode { writer in
                writer.number(1, count)
                writer.double(3, sum)
                writer.span(11, 0, 1)
                writer.deltas(12, [4])
            }
        }
        #expect(try decode(5, sum: .nan).histogram.count == 5)
        #expect(throws: HistogramMessageError.self) { try decode(5, sum: 1) }
        #expect(throws: HistogramMessageError.self) { try decode(3, sum: .nan) }
    }

    @Test func `a finer schema than is kept is brought down`() throws {
        let message = try Self.decode { writer in
            writer.number(1, 15)
            writer.signed(4, 10)
            writer.span(11, -3, 5)
            writer.deltas(12, [1, 1, 1, 1, 1])
        }
        #expect(message.histogram.schema == 8)
        // Indexes -3 … 1 are -1, -1, 0, 0, 1 at schema 9 and 0, 0, 0, 0, 1 at schema 8.
        #expect(message.histogram.positive == .init(indexes: [0, 1], counts: [10, 5]))
    }

    @Test func `more buckets than are kept are merged`() throws {
        let count = 3 * Histogram.maximumElementCount
        let message = try Self.decode { writer in
            writer.number(1, UInt64(count))
            writer.signed(4, 8)
            writer.span(11, 1, UInt64(count))
            writer.deltas(12, [1] + [Int64](repeating: 0, count: count - 1))
        }
        #expect(message.histogram.schema == 6)
        #expect(message.histogram.positive.indexes.count == count / 4)
        #expect(message.histogram.positive.counts.allSatisfy { $0 == 4 })
    }

    private static let faults:
        [(fault: HistogramFault, write: @Sendable (inout WireWriter) -> Void)] = [
            (.unknownSchema(-5), { $0.signed(4, -5) }),
            (.unknownSchema(53), { $0.signed(4, 53) }),
            (.unknownResetHint(4), { $0.number(14, 4) }),
            (.spansAndBucketsDiffer, { $0.deltas(12, [1]) }),
            (.spansAndBucketsDiffer, { $0.span(11, 0, 1) }),
            (.spansAndBucketsDiffer, { $0.span(11, 0, 0xFFFF_FFFF) }),
            (
                .spansAndBucketsDiffer,
                {
                    $0.span(11, Int64(Int32.max), 2)
                    $0.deltas(12, [1, 1])
                }
            ),
            (
                .negativeSpanOffset(-1),
                {
                    $0.span(8, 0, 1)
                    $0.span(8, -1, 1)
                    $0.deltas(9, [1, 1])
                }
            ),
            (
                .negativeCount,
                {
                    $0.span(11, 0, 1)
                    $0.deltas(12, [-1])
                }
            ),
            (
                .negativeCount,
                {
                    $0.span(11, 0, 2)
                    $0.deltas(12, [.max, 1])
                }
            ),
            (.negativeCount, { $0.double(2, -1) }),
            (
                .negativeCount,
                {
                    $0.double(2, 1)
                    $0.double(7, -0.5)
                }
            ),
            (.countDiffersFromBuckets(count: 1, buckets: 0), { $0.number(1, 1) }),
            (.invalidZeroThreshold(-1), { $0.double(5, -1) }),
            (.invalidCustomBuckets, { $0.doubles(16, [1]) }),
            (
                .invalidCustomBuckets,
                {
                    $0.signed(4, -53)
                    $0.doubles(16, [1, 1])
                }
            ),
            (
                .invalidCustomBuckets,
                {
                    $0.signed(4, -53)
                    $0.doubles(16, [.infinity])
                }
            ),
            (
                .invalidCustomBuckets,
                {
                    $0.signed(4, -53)
                    $0.doubles(16, [1])
                    $0.span(8, 0, 0)
                }
            ),
            (
                .invalidCustomBuckets,
                {
                    $0.signed(4, -53)
                    $0.number(1, 1)
                    $0.doubles(16, [1])
                    $0.span(11, 2, 1)
                    $0.deltas(12, [1])
                }
            ),
        ]

    @Test(arguments: faults.indices)
    func `what is no histogram is refused by name`(index: Int) {
        let (fault, write) = Self.faults[index]
        #expect(throws: HistogramMessageError.refused(fault, timestamp: 0)) {
            try Self.decode(write)
        }
        #expect(!fault.description.isEmpty)
    }

    @Test func `a damaged message is refused or a sound histogram`() throws {
        var writer = WireWriter()
        Self.integer(&writer)
        let bytes = writer.bytes
        for index in bytes.indices {
            for flip in [0x01, 0x08, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] ^= flip
                guard let message = try? Self.decode(changed) else { continue }
                #expect(message.histogram.isStorable)
            }
            _ = try? Self.decode(Array(bytes[..<index]))
        }
    }
}
