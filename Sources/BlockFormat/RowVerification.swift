internal import CHashing
internal import MetricsModel

/// Checks the series of a block, page by page and in order, against the directory, the digests and each other.
struct RowVerification: Sendable {
    let directory: BlockDirectory
    private let seed: TenantSeed
    private var damage: [BlockDamage] = []
    private var previous: (metric: Int, labels: Labels)?
    /// Whether rows could not be read: totals tell nothing from then on.
    private var hasGap = false
    private var metric = MetricTotals()
    private var rowCount = 0
    private var minTime = Int64.max
    private var maxTime = Int64.min
    /// Columns of all rows so far, by section.
    private var valueColumns = 0
    private var startColumns = 0
    private var histogramChunks = 0
    private var usedTimestamps: [Bool]
    private var samples = SampleColumns()

    init(directory: BlockDirectory, seed: TenantSeed) {
        self.directory = directory
        self.seed = seed
        let columnCount = directory.timestampPages.last?.items.upperBound ?? 0
        usedTimestamps = [Bool](repeating: false, count: columnCount)
    }

    mutating func takeDamage() -> [BlockDamage] {
        defer { damage = [] }
        return damage
    }

    /// Checks the series of one page of labels.
    ///
    /// - Parameters:
    ///   - digests: Of the rows, as far as they can be read.
    ///   - open: The pages of their samples.
    ///   - allReadable: Whether no page is missing in `open`; where one is, what lacks is a consequence.
    mutating func check(
        _ series: [BlockSeries],
        _ digests: [Int: SeriesDigest],
        _ open: [OpenPage],
        allReadable: Bool
    ) {
        let reader: BlockSamples
        do throws(BlockFormatError) {
            var samples = try BlockSamples(directory: directory, series: series)
            samples.supply(open)
            reader = samples
        } catch {
            // The same was met when the pages were looked for.
            skipRows()
            return
        }
        for one in series {
            checkLabels(one)
            checkColumns(one)
            samples = SampleColumns()
            do throws(BlockFormatError) {
                try reader.decode(one, into: &samples)
                checkSamples(one, digests[one.row])
            } catch {
                if allReadable { damage.append(BlockDamage(error, row: one.row)) }
            }
        }
    }

    /// Notes that the rows of a page cannot be read.
    mutating func skipRows() { hasGap = true }

    /// Checks what all rows together must be.
    ///
    /// - Parameter isComplete: Whether all pages could be read; totals tell nothing else.
    mutating func finish(isComplete: Bool) {
        closeMetric()
        guard isComplete, !hasGap else { return }
        expect("the number of rows", directory.seriesCount, rowCount)
        expect("the number of columns of values", directory.valuePages.itemCount, valueColumns)
        expect("the number of columns of starts", directory.startPages.itemCount, startColumns)
        expect(
            "the number of histogram chunks",
            directory.histogramPages.itemCount,
            histogramChunks
        )
        expect("the number of timestamp columns without series", 0, usedTimestamps.count { !$0 })
        guard directory.seriesCount > 0 else { return }
        expect("the earliest time of all samples", directory.minTime, minTime)
        expect("the latest time of all samples", directory.maxTime, maxTime)
    }

    private mutating func checkLabels(_ series: BlockSeries) {
        let labels = series.labels
        let index = series.table.metric
        if (try? Labels(validating: labels.key)) == nil {
            damage.append(BlockDamage(.labels, row: series.row))
        }
        rowCount += 1
        if let previous {
            if previous.metric != index { closeMetric() }
            let follows =
                previous.metric == index ? previous.labels < labels : previous.metric < index
            if !follows { damage.append(BlockDamage(.rowOrder, row: series.row)) }
        }
        previous = (index, labels)
        metric.add(series)
    }

    private mutating func closeMetric() {
        defer { metric = MetricTotals() }
        guard let previous, !hasGap else { return }
        let listed = directory.metrics[previous.metric]
        let name = "metric \"\(listed.name)\""
        expect("the number of series of \(name)", listed.seriesCount, metric.seriesCount)
        expect("the number of samples of \(name)", listed.sampleCount, metric.sampleCount)
        expect("the list of labels of \(name)", listed.labels, metric.labels)
    }

    private mutating func checkColumns(_ series: BlockSeries) {
        valueColumns += series.valueColumns.count
        startColumns += series.startColumns.count
        histogramChunks += series.histogramChunks.count
        for column in series.timestampColumns where usedTimestamps.indices.contains(column) {
            usedTimestamps[column] = true
        }
    }

    private mutating func checkSamples(_ series: BlockSeries, _ digest: SeriesDigest?) {
        let row = series.row
        for times in [samples.timestamps, samples.histograms.timestamps] {
            guard let first = times.first, let last = times.last else { continue }
            minTime = min(minTime, first)
            maxTime = max(maxTime, last)
            if !directory.range.contains(first) || !directory.range.contains(last)
                || zip(times, times.dropFirst()).contains(where: { $0 >= $1 })
            {
                damage.append(BlockDamage(.timestamps, row: row))
            }
        }
        // A digest that cannot be read has been found with its page.
        guard let digest else { return }
        let page = directory.digestPages.holding(row..<row + 1).first
        let found = SeriesDigest(fingerprint: series.fingerprint, samples: samples)
        expect("the fingerprint of the labels", digest.fingerprint, found.fingerprint, page, row)
        expect("the number of samples", digest.sampleCount, found.sampleCount, page, row)
        expect("the checksum of the samples", digest.checksum, found.checksum, page, row)
    }

    private mutating func expect<Value: Equatable>(
        _ what: String,
        _ expected: Value,
        _ found: Value,
        _ page: BlockPage? = nil,
        _ row: Int? = nil
    ) {
        guard expected != found else { return }
        let location = page?.location ?? BlockLocation(section: .directory, page: 0)
        damage.append(
            BlockDamage(
                .disagreement(what: what, expected: "\(expected)", found: "\(found)"),
                at: location,
                row: row
            )
        )
    }
}

/// What the rows of one metric come to.
private struct MetricTotals: Sendable {
    private(set) var seriesCount = 0
    private(set) var sampleCount = 0
    /// Hashes of the values of each label; 64 bits are trusted.
    private var values: [Int: Set<UInt64>] = [:]

    var labels: [BlockMetric.LabelUse] {
        values.keys.sorted().map { .init(name: $0, cardinality: values[$0]?.count ?? 0) }
    }

    mutating func add(_ series: BlockSeries) {
        seriesCount += 1
        sampleCount += series.sampleCount
        for column in series.table.columns {
            let index = column.index(of: series.tableRow)
            guard index > 0 else { continue }
            let hash = column.value(index).withUnsafeBytes {
                engram_xxh3_64($0.baseAddress, $0.count)
            }
            values[column.name, default: []].insert(hash)
        }
    }
}
