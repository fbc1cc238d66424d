import ClusterInterface
import MetricsModel
import TestSupport
import Testing

/// Blocks and members for tests.
enum SampleBlocks {
    static func block(
        tenant: TenantID,
        number: UInt64 = 1,
        range: TimeRange = TimeRange(start: 0, end: 1000),
        body: [UInt8] = Array("the body".utf8),
        metrics: [MetricSummary] = []
    ) -> NewBlock {
        let record = BlockRecord(
            tenant: tenant,
            id: BlockID(high: 0xFEDC_BA98_7654_3210, low: number),
            range: range,
            level: 0,
            seriesCount: 3,
            sampleCount: 12,
            size: body.count,
            directory: body.count / 2..<body.count
        )
        return NewBlock(record: record, metrics: metrics, body: body)
    }

    /// Bytes that differ between places, from a seed.
    static func bytes(count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }
}
