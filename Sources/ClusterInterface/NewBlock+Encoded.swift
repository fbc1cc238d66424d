public import BlockFormat
public import MetricsModel

extension NewBlock {
    /// A finished block with its catalog row, named by the hash of its bytes.
    ///
    /// So a flush that is repeated after a crash finds its block stored already, replicas that hold the same samples
    /// store them once, and a block with other samples never passes for one that is there.
    public init(_ block: EncodedBlock, of tenant: TenantID, level: Int) {
        let hash = block.body.withUnsafeBytes { Fingerprint(seed: TenantSeed(tenant), key: $0) }
        self.init(
            record: BlockRecord(
                tenant: tenant,
                id: BlockID(high: hash.high, low: hash.low),
                range: TimeRange(start: block.minTime, end: block.maxTime + 1),
                level: level,
                seriesCount: block.seriesCount,
                sampleCount: block.sampleCount,
                size: block.body.count,
                directory: block.directory
            ),
            metrics: block.metrics.map {
                MetricSummary(
                    name: $0.name,
                    seriesCount: $0.seriesCount,
                    sampleCount: $0.sampleCount
                )
            },
            body: block.body
        )
    }
}
