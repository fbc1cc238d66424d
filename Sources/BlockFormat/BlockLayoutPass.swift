internal import MetricsModel

/// Lays sorted series into the pages of all sections.
struct BlockLayoutPass {
    private(set) var symbols: LabelSymbols
    private(set) var metrics: [BlockMetric] = []
    private let version: UInt8
    /// Whether the values of labels are forgotten with each metric that is done.
    private let forgetsValues: Bool
    private var labels: LabelPageWriter
    private var timestamps = ColumnPageWriter()
    private var values = ColumnPageWriter()
    private var digests = DigestPageWriter()
    private var histograms = ColumnPageWriter()
    private var starts = ColumnPageWriter()
    private var exemplars = ExemplarPageWriter()
    private var metadata = MetadataPageWriter()
    /// Place in the block of each list of timestamps laid out, by its first column in the arena.
    private var placedTimestamps: [Int: Int] = [:]
    private var timestampColumnCount = 0
    private var rowCount = 0
    private var current: OpenMetric?

    /// - Parameter forgetsValues: Saves memory, and costs the time to note values anew for each metric; the bytes
    ///   are the same.
    init(symbols: LabelSymbols, version: UInt8, forgetsValues: Bool = false) {
        self.symbols = symbols
        self.version = version
        self.forgetsValues = forgetsValues
        labels = LabelPageWriter(version: version)
    }

    /// Bytes of all pages stored so far.
    var storedSize: Int {
        labels.pages.stored.count + timestamps.pages.stored.count + values.pages.stored.count
            + digests.pages.stored.count + histograms.pages.stored.count
            + starts.pages.stored.count + exemplars.pages.stored.count
            + metadata.pages.stored.count
    }

    /// Bytes in memory beside the stored pages, about: open pages, values of labels, what is known of timestamps.
    var overhead: Int {
        let openPages = 8 * BlockLayout.pageMaximumSize
        let rows = (current?.rows.count ?? 0) * 512
        let distinct = current?.values.values.reduce(0) { $0 + $1.count * 32 } ?? 0
        return openPages + rows + distinct + symbols.size + placedTimestamps.count * 48
    }

    /// The sections in the order their pages stand in the body.
    private var sections: [(section: BlockSection, pages: PageWriter)] {
        var sections: [(section: BlockSection, pages: PageWriter)] = [
            (.labels, labels.pages), (.timestamps, timestamps.pages), (.values, values.pages),
            (.digests, digests.pages),
        ]
        let hasOthers = version > BlockLayout.floatsVersion
        if hasOthers { sections.append((.histograms, histograms.pages)) }
        // A reader that does not know these passes over them, whatever the version.
        if !exemplars.pages.entries.isEmpty { sections.append((.exemplars, exemplars.pages)) }
        if !metadata.pages.entries.isEmpty { sections.append((.metadata, metadata.pages)) }
        if hasOthers { sections.append((.starts, starts.pages)) }
        return sections
    }

    /// Lays out the next series in order.
    mutating func append(
        _ series: PendingSeries,
        from arenas: Arenas,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        if let current, current.name != series.metric { try closeMetric(with: compressor) }
        let columnCount = BlockLayout.columnCount(of: series.floatCount)
        for column in 0..<columnCount {
            try values.append(arenas.values[series.firstValueColumn + column], with: compressor)
        }
        if let first = series.firstStartColumn {
            for column in 0..<columnCount {
                try starts.append(arenas.starts[first + column], with: compressor)
            }
        }
        for chunk in series.histogramChunks {
            try histograms.append(arenas.histograms[chunk], with: compressor)
        }
        let firstTimestampColumn = try place(
            series.firstTimestampColumn,
            count: columnCount,
            from: arenas.timestamps,
            with: compressor
        )
        try digests.append(series.digest, with: compressor)
        try exemplars.append(series.exemplars, row: rowCount, with: compressor)
        var metric = current.take() ?? OpenMetric(name: series.metric, firstRow: rowCount)
        metric.sampleCount += series.digest.sampleCount
        let row = LabelTableWriter.Row(
            labels: symbols.symbols(of: series.labels),
            floatCount: series.floatCount,
            firstTimestampColumn: firstTimestampColumn,
            hasStarts: series.firstStartColumn != nil,
            histogramCount: series.digest.sampleCount - series.floatCount,
            histogramChunkCount: series.histogramChunks.count
        )
        for label in row.labels {
            metric.values[label.name, default: MetricValues()].insert(label.value)
        }
        metric.rows.append(row)
        metric.pendingSize += series.labels.key.count
        rowCount += 1
        current = metric
        if metric.rows.count >= BlockLayout.rowsPerTable
            || metric.pendingSize >= BlockLayout.pageMaximumSize / 2
        {
            try writeTable(with: compressor)
        }
    }

    /// Lays out the metadata of metrics that are there, closes the last page of every section, and puts the directory
    /// in front.
    consuming func finish(
        summary: BlockDirectory.Summary,
        metadata entries: [MetricMetadata],
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) -> EncodedBlock {
        try closePages(metadata: entries, with: compressor)
        let metrics = metrics
        var sections = sections
        let directory = try DirectoryCoding.encode(
            version: version,
            summary: summary,
            labelNames: symbols.names,
            metrics: metrics,
            sections: sections.map { ($0.section.rawValue, $0.pages.entries) },
            with: compressor
        )
        var body = directory
        body.reserveCapacity(directory.count + storedSize)
        // Each section's bytes go as soon as they are copied, so that they do not lie in memory twice.
        self = BlockLayoutPass(symbols: LabelSymbols(names: []), version: version)
        for index in sections.indices {
            body.append(contentsOf: sections[index].pages.stored)
            sections[index].pages = PageWriter()
        }
        return EncodedBlock(
            body: body,
            directory: 0..<directory.count,
            range: summary.range,
            minTime: summary.minTime,
            maxTime: summary.maxTime,
            seriesCount: summary.seriesCount,
            sampleCount: summary.sampleCount,
            metrics: metrics
        )
    }

    private mutating func closePages(
        metadata entries: [MetricMetadata],
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        try closeMetric(with: compressor)
        let names = Set(metrics.map(\.nameBytes))
        for entry in entries {
            let isThere = MetricMetadata.seriesSuffixes.contains { suffix in
                names.contains(Array((entry.name + suffix).utf8))
            }
            if isThere { try metadata.append(entry, with: compressor) }
        }
        try metadata.finish(with: compressor)
        try exemplars.finish(with: compressor)
        try labels.finish(with: compressor)
        try timestamps.finish(with: compressor)
        try values.finish(with: compressor)
        try digests.finish(with: compressor)
        try histograms.finish(with: compressor)
        try starts.finish(with: compressor)
    }

    /// Writes a list of timestamps where it is first used; returns its first column in the block.
    private mutating func place(
        _ firstColumn: Int,
        count: Int,
        from source: ColumnArena,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) -> Int {
        guard count > 0 else { return 0 }
        if let placed = placedTimestamps[firstColumn] { return placed }
        let placed = timestampColumnCount
        for column in 0..<count {
            try timestamps.append(source[firstColumn + column], with: compressor)
        }
        timestampColumnCount += count
        placedTimestamps[firstColumn] = placed
        return placed
    }

    private mutating func writeTable(
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        guard let rows = current?.rows, !rows.isEmpty else { return }
        try labels.append(rows[...], metric: metrics.count, symbols: symbols, with: compressor)
        current?.rows = []
        current?.pendingSize = 0
    }

    private mutating func closeMetric(
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        try writeTable(with: compressor)
        guard let closed = current else { return }
        metrics.append(
            BlockMetric(
                name: closed.name,
                seriesCount: rowCount - closed.firstRow,
                sampleCount: closed.sampleCount,
                labels: closed.values.keys.sorted().map {
                    BlockMetric.LabelUse(name: $0, cardinality: closed.values[$0]?.count ?? 0)
                },
                rows: closed.firstRow..<rowCount
            )
        )
        current = nil
        if forgetsValues { symbols.forgetValues() }
    }

    /// The encoded columns of all series, in the order in which these were added.
    struct Arenas: Sendable {
        var timestamps = ColumnArena()
        var values = ColumnArena()
        var starts = ColumnArena()
        var histograms = ColumnArena()

        /// Bytes of all columns held.
        var size: Int {
            values.bytes.count + timestamps.bytes.count + starts.bytes.count
                + histograms.bytes.count
        }

        /// Lets go of all columns so far.
        mutating func forgetAll() {
            timestamps.forgetAll()
            values.forgetAll()
            starts.forgetAll()
            histograms.forgetAll()
        }
    }

    /// The metric whose series are being laid out.
    private struct OpenMetric {
        let name: [UInt8]
        let firstRow: Int
        var sampleCount = 0
        /// Rows not written yet.
        var rows: [LabelTableWriter.Row] = []
        /// Bytes of the rows' labels.
        var pendingSize = 0
        /// Distinct values by label name, for the directory.
        var values: [Int: MetricValues] = [:]

        init(name: [UInt8], firstRow: Int) {
            self.name = name
            self.firstRow = firstRow
        }
    }

    /// The distinct values of one label of a metric.
    private struct MetricValues {
        private var seen: Set<Int> = []
        private var last = -1

        var count: Int { seen.count }

        mutating func insert(_ value: Int) {
            guard value != last else { return }
            seen.insert(value)
            last = value
        }
    }
}
