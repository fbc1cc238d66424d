internal import BlockFormat
internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel

/// Turns the series of one window of one cut into blocks that are bounded in size.
struct WindowWriter {
    private let tenant: TenantID
    private let range: TimeRange
    private let maximumSeries: Int
    private let pending: PendingExemplars
    private let metadata: [MetricMetadata]
    private var builder: BlockBuilder
    private var finished: [NewBlock] = []
    /// By series, the times between which all its pending exemplars are in a block, both included.
    private(set) var storedExemplars: [Fingerprint: ClosedRange<Int64>] = [:]

    /// - Parameters:
    ///   - exemplars: Those of series that may come.
    ///   - metadata: Of metrics that may come.
    init(
        tenant: TenantID,
        window: Int64,
        exemplars: PendingExemplars,
        metadata: [MetricMetadata],
        settings: IngestionSettings
    ) {
        self.tenant = tenant
        pending = exemplars
        self.metadata = metadata
        let (end, isBeyond) = window.addingReportingOverflow(settings.blockDuration)
        range = TimeRange(start: window, end: isBeyond ? .max : end)
        maximumSeries = settings.maximumSeriesPerBlock
        builder = BlockBuilder(range: range)
    }

    /// Adds one series with its exemplars; the timestamps of each kind of samples ascend and lie in the window.
    mutating func add(
        _ labels: Labels,
        _ fingerprint: Fingerprint,
        _ samples: SampleColumns
    ) throws {
        let exemplars = takeExemplars(of: fingerprint, near: samples)
        builder.add(
            labels: labels,
            fingerprint: fingerprint,
            samples: samples,
            exemplars: exemplars
        )
        if builder.seriesCount >= maximumSeries { try finishBlock() }
    }

    /// The pending exemplars of a series that its samples are near enough to.
    private mutating func takeExemplars(
        of fingerprint: Fingerprint,
        near samples: SampleColumns
    ) -> [Exemplar] {
        guard let waiting = pending.exemplars[fingerprint] else { return [] }
        let times = samples.timestamps + samples.histograms.timestamps
        guard let first = times.min(), let last = times.max() else { return [] }
        let range = BlockExemplars.times(around: first...last)
        storedExemplars[fingerprint] = range
        return waiting.filter { range.contains($0.timestamp) }
    }

    mutating func finish() throws -> [NewBlock] {
        if builder.seriesCount > 0 { try finishBlock() }
        return finished
    }

    private mutating func finishBlock() throws {
        var full = builder
        full.add(metadata: metadata)
        builder = BlockBuilder(range: range)
        let block = try full.finish()
        finished.append(NewBlock(block, of: tenant, level: 0))
    }
}
