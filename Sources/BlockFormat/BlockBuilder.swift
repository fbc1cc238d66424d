public import MetricsModel

/// Builds one block in memory: series in any order in, bytes out.
///
/// Samples are compressed as they are added, so the builder holds about what the block will.
public struct BlockBuilder: Sendable {
    private var encoder: SeriesEncoder
    private var series: [PendingSeries] = []
    /// By metric; the newest where it was added several times.
    private var metadata: [MetricMetadata] = []

    /// - Parameter range: The window of the block, half-open, in milliseconds.
    public init(range: TimeRange) {
        encoder = SeriesEncoder(range: range)
    }

    /// The window of the block, half-open, in milliseconds.
    public var range: TimeRange { encoder.range }

    public var sampleCount: Int { encoder.sampleCount }

    public var seriesCount: Int { series.count }

    /// Bytes of compressed samples held so far, for limits on memory.
    public var size: Int { encoder.arenas.size }

    /// Adds all samples of one series of plain floats; see ``add(labels:fingerprint:samples:)``.
    public mutating func add(
        labels: Labels,
        fingerprint: Fingerprint,
        timestamps: [Int64],
        values: [Double]
    ) {
        let samples = SampleColumns(timestamps: timestamps, values: values)
        add(labels: labels, fingerprint: fingerprint, samples: samples)
    }

    /// Adds all samples of one series; every series once, in any order.
    ///
    /// - Parameter exemplars: By ascending order, each once; the times that they may have are those of
    ///   ``BlockExemplars/times(around:)``.
    /// - Precondition: There is at least one sample; timestamps of each kind strictly increase and are in
    ///   ``range``; histograms and exemplars are storable.
    public mutating func add(
        labels: Labels,
        fingerprint: Fingerprint,
        samples: SampleColumns,
        exemplars: [Exemplar] = []
    ) {
        series.append(
            encoder.encode(
                labels: labels,
                fingerprint: fingerprint,
                samples: samples,
                exemplars: exemplars
            )
        )
    }

    /// Adds metadata of metrics; that of metrics without series in the block is left out, and where there is some of
    /// one metric already, the later stays.
    ///
    /// - Precondition: The entries are ``MetricMetadata/isStorable``.
    public mutating func add(metadata entries: [MetricMetadata]) {
        metadata = MetricMetadata.merge([metadata, entries])
    }

    /// Sorts, lays out, compresses and checksums everything.
    public consuming func finish() throws(BlockBuildError) -> EncodedBlock {
        let compressor = try PageCompressor()
        series = sortedSeries()
        for (one, next) in zip(series, series.dropFirst()) where one.labels == next.labels {
            throw .duplicateSeries(key: one.labels.key)
        }
        let version =
            encoder.needsNewestVersion ? BlockLayout.version : BlockLayout.floatsVersion
        var layout = BlockLayoutPass(symbols: LabelSymbols(namesOf: series), version: version)
        for pending in series { try layout.append(pending, from: encoder.arenas, with: compressor) }
        return try layout.finish(
            summary: encoder.summary(seriesCount: series.count),
            metadata: metadata,
            with: compressor
        )
    }

    /// The series in the order of rows: by metric, then by labels.
    private func sortedSeries() -> [PendingSeries] {
        var byMetric: [[UInt8]: [Int]] = [:]
        for index in series.indices { byMetric[series[index].metric, default: []].append(index) }
        // Moving numbers about is cheaper than moving series.
        let labels = series.map(\.labels)
        var sorted: [PendingSeries] = []
        sorted.reserveCapacity(series.count)
        for metric in byMetric.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let rows = metric.value.sorted { labels[$0] < labels[$1] }
            for index in rows { sorted.append(series[index]) }
        }
        return sorted
    }
}

/// A series that waits for its place in the block.
struct PendingSeries: Sendable {
    let labels: Labels
    /// The value of `__name__`.
    let metric: [UInt8]
    let digest: SeriesDigest
    let floatCount: Int
    /// Columns and chunks by number in their arenas.
    let firstTimestampColumn: Int
    let firstValueColumn: Int
    /// Nil if no start timestamp is known.
    let firstStartColumn: Int?
    let histogramChunks: Range<Int>
    let exemplars: [Exemplar]
}

extension SeriesEncoder {
    /// What the directory says of the whole block.
    func summary(seriesCount: Int) -> BlockDirectory.Summary {
        BlockDirectory.Summary(
            range: range,
            minTime: seriesCount == 0 ? range.start : minTime,
            maxTime: seriesCount == 0 ? range.start : maxTime,
            seriesCount: seriesCount,
            sampleCount: sampleCount
        )
    }
}

extension Labels {
    var metricNameBytes: [UInt8] { withValue(of: Labels.metricName) { Array($0) } }
}
