public import MetricsModel

/// Builds one block from series that come in the block's order, and lays each out at once.
///
/// It holds the compressed pages that are done, one open page of each section, and the label values of one metric,
/// but no sample that is not compressed. The bytes depend on nothing but the series.
public struct SortedBlockBuilder: ~Copyable, Sendable {
    private var encoder: SeriesEncoder
    private var layout: BlockLayoutPass
    private let compressor: PageCompressor
    private var previous: Labels?
    private var previousMetric: [UInt8] = []
    public private(set) var seriesCount = 0

    /// - Parameters:
    ///   - range: The window of the block, half-open, in milliseconds.
    ///   - blocks: The blocks whose series come; they name the labels and the version.
    ///   - compressionLevel: Of zstd, 1 ... 19.
    public init(
        range: TimeRange,
        merging blocks: [BlockDirectory],
        compressionLevel: Int
    ) throws(BlockBuildError) {
        compressor = try PageCompressor(level: compressionLevel)
        encoder = SeriesEncoder(range: range)
        layout = BlockLayoutPass(
            symbols: LabelSymbols(names: blocks.lazy.flatMap(\.labelNameBytes)),
            version: blocks.map(\.version).max() ?? BlockLayout.floatsVersion,
            forgetsValues: true
        )
    }

    public var sampleCount: Int { encoder.sampleCount }

    /// Bytes of the block so far, without what stands in open pages.
    public var size: Int { layout.storedSize }

    /// Bytes in memory, about.
    public var memory: Int { layout.storedSize + layout.overhead + encoder.size }

    /// Adds all samples of a series that comes behind the one before by metric, then by labels.
    ///
    /// - Precondition: As for ``BlockBuilder/add(labels:fingerprint:samples:)``; the version of the blocks that are
    ///   merged can hold the samples.
    /// - Throws: ``BlockBuildError/duplicateSeries(key:)`` also where the order is not kept.
    public mutating func add(
        labels: Labels,
        fingerprint: Fingerprint,
        samples: SampleColumns,
        exemplars: [Exemplar] = []
    ) throws(BlockBuildError) {
        let pending = encoder.encode(
            labels: labels,
            fingerprint: fingerprint,
            samples: samples,
            exemplars: exemplars
        )
        try requireOrder(pending)
        try layout.append(pending, from: encoder.arenas, with: compressor)
        encoder.forgetColumns()
        previous = labels
        previousMetric = pending.metric
        seriesCount += 1
    }

    /// Closes the pages and puts the directory in front.
    ///
    /// - Parameter metadata: Of metrics; that of metrics without series in the block is left out.
    public consuming func finish(
        metadata: [MetricMetadata] = []
    ) throws(BlockBuildError) -> EncodedBlock {
        let summary = encoder.summary(seriesCount: seriesCount)
        // Moved out, so that its pages are not copied when the last ones are written.
        var pages = BlockLayoutPass(
            symbols: LabelSymbols(names: []),
            version: BlockLayout.version
        )
        swap(&pages, &layout)
        return try (consume pages).finish(
            summary: summary,
            metadata: metadata,
            with: compressor
        )
    }

    private func requireOrder(_ pending: PendingSeries) throws(BlockBuildError) {
        guard let previous else { return }
        let isBehind =
            previousMetric == pending.metric
            ? previous < pending.labels
            : previousMetric.lexicographicallyPrecedes(pending.metric)
        guard isBehind else { throw .duplicateSeries(key: pending.labels.key) }
    }
}
