internal import BlockFormat
internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel

/// Turns the series of one window of one cut into blocks that are bounded in size.
struct WindowWriter {
    private let tenant: TenantID
    private let range: TimeRange
    private let maximumSeries: Int
    private var builder: BlockBuilder
    private var finished: [NewBlock] = []

    init(tenant: TenantID, window: Int64, settings: IngestionSettings) {
        self.tenant = tenant
        let (end, isBeyond) = window.addingReportingOverflow(settings.blockDuration)
        range = TimeRange(start: window, end: isBeyond ? .max : end)
        maximumSeries = settings.maximumSeriesPerBlock
        builder = BlockBuilder(range: range)
    }

    /// Adds one series; the timestamps of each kind of samples ascend and lie in the window.
    mutating func add(
        _ labels: Labels,
        _ fingerprint: Fingerprint,
        _ samples: SampleColumns
    ) throws {
        builder.add(labels: labels, fingerprint: fingerprint, samples: samples)
        if builder.seriesCount >= maximumSeries { try finishBlock() }
    }

    mutating func finish() throws -> [NewBlock] {
        if builder.seriesCount > 0 { try finishBlock() }
        return finished
    }

    private mutating func finishBlock() throws {
        let full = builder
        builder = BlockBuilder(range: range)
        let block = try full.finish()
        finished.append(
            NewBlock(
                record: BlockRecord(
                    tenant: tenant,
                    id: Self.id(of: block, tenant),
                    range: TimeRange(start: block.minTime, end: block.maxTime + 1),
                    level: 0,
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
        )
    }

    /// The hash of the block's bytes.
    ///
    /// A flush that is repeated after a crash finds its block stored already, replicas that hold the same
    /// samples store them once, and a block with other samples never passes for one that is there.
    private static func id(of block: EncodedBlock, _ tenant: TenantID) -> BlockID {
        let hash = block.body.withUnsafeBytes { Fingerprint(seed: TenantSeed(tenant), key: $0) }
        return BlockID(high: hash.high, low: hash.low)
    }
}
