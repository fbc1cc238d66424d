import ClusterInterface
import MetricsModel
import Testing

@testable import PostgresStorage

@Suite struct BodyReadingTests {
    @Test func `a read of thirty blocks is one statement, and a long one is cut by bytes`() throws {
        let records = (0..<30).map { number in
            let start = Int64(number) * 604_800_000
            return BlockRecord(
                tenant: .anonymous,
                id: BlockID(high: 2, low: UInt64(number)),
                range: TimeRange(start: start, end: start + 10),
                level: 0,
                seriesCount: 1,
                sampleCount: 1,
                size: 5 << 20,
                directory: 0..<4
            )
        }
        let small = try BodyReading(
            records.map { BlockRead($0, ranges: [0..<100, 2 << 20..<(2 << 20) + 70_000]) },
            slabSize: 1 << 20,
            maximumSize: 32 << 20
        )
        #expect(small.batches == [0..<60])
        let large = try BodyReading(
            records.prefix(3).map { BlockRead($0, ranges: [0..<5 << 20]) },
            slabSize: 1 << 20,
            maximumSize: 4 << 20
        )
        #expect(large.batches == [0..<4, 4..<8, 8..<12, 12..<15])
    }
}
