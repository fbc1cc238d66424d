internal import CHashing
internal import ChunkCoding
public import MetricsModel

/// Builds one block in memory: series in any order in, bytes out.
///
/// Samples are compressed as they are added, so the builder holds about what the block will.
public struct BlockBuilder: Sendable {
    /// The window of the block, half-open, in milliseconds.
    public let range: TimeRange
    public private(set) var sampleCount = 0
    private var series: [PendingSeries] = []
    private var values = ColumnArena()
    private var timestamps = ColumnArena()
    private var starts = ColumnArena()
    private var histograms = ColumnArena()
    /// First timestamp column of each distinct list of timestamps; 128 bits of hash are trusted.
    private var knownTimestamps: [TimestampsKey: Int] = [:]
    /// By metric; the newest where it was added several times.
    private var metadata: [MetricMetadata] = []
    private var minTime = Int64.max
    private var maxTime = Int64.min

    public init(range: TimeRange) {
        self.range = range
    }

    public var seriesCount: Int { series.count }

    /// Bytes of compressed samples held so far, for limits on memory.
    public var size: Int {
        values.bytes.count + timestamps.bytes.count + starts.bytes.count + histograms.bytes.count
    }

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
        precondition(!samples.isEmpty, "a series in a block has samples")
        note(samples.timestamps)
        note(samples.histograms.timestamps)
        let hasStarts = samples.startTimestamps.contains { $0 != 0 }
        let firstTimestampColumn =
            samples.timestamps.isEmpty ? 0 : addTimestamps(samples.timestamps)
        let firstHistogramChunk = histograms.count
        addHistograms(samples.histograms)
        series.append(
            PendingSeries(
                labels: labels,
                metric: labels.metricNameBytes,
                digest: SeriesDigest(fingerprint: fingerprint, samples: samples),
                floatCount: samples.timestamps.count,
                firstTimestampColumn: firstTimestampColumn,
                firstValueColumn: values.count,
                firstStartColumn: hasStarts ? starts.count : nil,
                histogramChunks: firstHistogramChunk..<histograms.count,
                exemplars: exemplars
            )
        )
        values.append(samples.values.count) { range, bytes in
            ValueColumn.encode(samples.values.span.extracting(range), into: &bytes)
        }
        if hasStarts {
            starts.append(samples.startTimestamps.count) { range, bytes in
                StartColumn.encode(
                    samples.startTimestamps.span.extracting(range),
                    timestamps: samples.timestamps.span.extracting(range),
                    into: &bytes
                )
            }
        }
        sampleCount += samples.count
    }

    /// Adds metadata of metrics; that of metrics without series in the block is left out, and where there is some of
    /// one metric already, the later stays.
    ///
    /// - Precondition: The entries are ``MetricMetadata/isStorable``.
    public mutating func add(metadata entries: [MetricMetadata]) {
        metadata = MetricMetadata.merge([metadata, entries])
    }

    /// Takes note of the first and last of ascending timestamps.
    private mutating func note(_ timestamps: [Int64]) {
        guard let first = timestamps.first, let last = timestamps.last else { return }
        precondition(range.contains(first) && range.contains(last), "samples outside \(range)")
        minTime = min(minTime, first)
        maxTime = max(maxTime, last)
    }

    private mutating func addHistograms(_ columns: HistogramColumns) {
        var start = 0
        while start < columns.timestamps.count {
            var capacity = HistogramColumn.Capacity(maximumCount: BlockLayout.histogramsPerChunk)
            var end = start
            while end < columns.values.count, capacity.add(columns.values[end]) { end += 1 }
            let starts = columns.startTimestamps
            histograms.append { bytes in
                HistogramChunk.encode(
                    timestamps: columns.timestamps.span.extracting(start..<end),
                    histograms: columns.values[start..<end],
                    starts: starts.span.extracting(starts.isEmpty ? 0..<0 : start..<end),
                    into: &bytes
                )
            }
            start = end
        }
    }

    /// Stores a list of timestamps unless it is known; returns its first column.
    private mutating func addTimestamps(_ timestamps: [Int64]) -> Int {
        let hash = timestamps.withUnsafeBytes {
            engram_xxh3_128_with_seed($0.baseAddress, $0.count, 0)
        }
        let key = TimestampsKey(high: hash.high, low: hash.low, count: timestamps.count)
        if let known = knownTimestamps[key] { return known }
        let first = self.timestamps.count
        knownTimestamps[key] = first
        self.timestamps.append(timestamps.count) { range, bytes in
            TimestampColumn.encode(timestamps.span.extracting(range), into: &bytes)
        }
        return first
    }

    /// Sorts, lays out, compresses and checksums everything.
    public consuming func finish() throws(BlockBuildError) -> EncodedBlock {
        let compressor = try PageCompressor()
        series = sortedSeries()
        for (one, next) in zip(series, series.dropFirst()) where one.labels == next.labels {
            throw .duplicateSeries(key: one.labels.key)
        }
        let version =
            starts.count + histograms.count > 0 ? BlockLayout.version : BlockLayout.floatsVersion
        var layout = BlockLayoutPass(symbols: LabelSymbols(namesOf: series), version: version)
        let arenas = BlockLayoutPass.Arenas(
            timestamps: timestamps,
            values: values,
            starts: starts,
            histograms: histograms
        )
        for pending in series { try layout.append(pending, from: arenas, with: compressor) }
        try layout.finish(metadata: metadata, with: compressor)
        let summary = BlockDirectory.Summary(
            range: range,
            minTime: series.isEmpty ? range.start : minTime,
            maxTime: series.isEmpty ? range.start : maxTime,
            seriesCount: series.count,
            sampleCount: sampleCount
        )
        let sections = layout.sections
        let directory = try DirectoryCoding.encode(
            version: version,
            summary: summary,
            labelNames: layout.symbols.names,
            metrics: layout.metrics,
            sections: sections.map { ($0.section.rawValue, $0.pages.entries) },
            with: compressor
        )
        var body = directory
        body.reserveCapacity(
            sections.reduce(directory.count) { $0 + $1.pages.stored.count }
        )
        for section in sections { body.append(contentsOf: section.pages.stored) }
        return EncodedBlock(
            body: body,
            directory: 0..<directory.count,
            range: range,
            minTime: summary.minTime,
            maxTime: summary.maxTime,
            seriesCount: summary.seriesCount,
            sampleCount: summary.sampleCount,
            metrics: layout.metrics
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

    private struct TimestampsKey: Hashable {
        let high: UInt64
        let low: UInt64
        let count: Int
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

extension Labels {
    var metricNameBytes: [UInt8] { withValue(of: Labels.metricName) { Array($0) } }
}
