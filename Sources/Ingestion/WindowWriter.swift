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
        finished.append(NewBlock(block, of: tenant, level: 0))
    }
}
