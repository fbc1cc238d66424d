internal import ChunkCoding
public import MetricsModel

/// Reads the samples of some series of one block, without doing IO itself.
///
/// Fetch the bytes of ``need``, hand them to ``supply(_:)``, then decode series by series. To bound
/// memory, make one for each batch of series: neighbours share pages.
public struct BlockSamples: Sendable {
    private let timestampPages: [BlockPage]
    private var valuePages: [BlockPage] = []
    private let histogramPages: [BlockPage]
    private var startPages: [BlockPage] = []
    private var timestamps: [ColumnPage] = []
    private var values: [ColumnPage] = []
    private var histograms: [ColumnPage] = []
    private var starts: [ColumnPage] = []
    /// Timestamps that several series have, decoded.
    private var shared: SharedTimestamps
    private let directory: BlockDirectory
    private var isDone: Bool

    /// - Parameter series: What a ``BlockSelection`` of the same block found, or a part of it.
    public init(
        directory: BlockDirectory,
        series: some Collection<BlockSeries>
    ) throws(BlockFormatError) {
        let series = Array(series)
        try self.init(directory: directory, timesOf: series)
        valuePages = try Self.pages(
            of: series,
            in: directory.valuePages,
            section: .values,
            \.valueColumns
        )
        startPages = try Self.pages(
            of: series,
            in: directory.startPages,
            section: .starts,
            \.startColumns
        )
        isDone = timestampPages.isEmpty && valuePages.isEmpty && histogramPages.isEmpty
    }

    /// Reads only when series have samples, for ``series(_:withSamplesIn:)``.
    public init(
        directory: BlockDirectory,
        timesOf series: some Collection<BlockSeries>
    ) throws(BlockFormatError) {
        let series = Array(series)
        self.directory = directory
        timestampPages = try Self.pages(
            of: series,
            in: directory.timestampPages,
            section: .timestamps,
            \.timestampColumns
        )
        histogramPages = try Self.pages(
            of: series,
            in: directory.histogramPages,
            section: .histograms,
            \.histogramChunks
        )
        isDone = timestampPages.isEmpty && histogramPages.isEmpty
        shared = SharedTimestamps(of: series)
    }

    private static func pages(
        of series: [BlockSeries],
        in pages: [BlockPage],
        section: BlockSection,
        _ columns: (BlockSeries) -> Range<Int>
    ) throws(BlockFormatError) -> [BlockPage] {
        let end = pages.last?.items.upperBound ?? 0
        var isWanted = [Bool](repeating: false, count: pages.count)
        // Neighbouring series mostly share pages.
        var newest = 0..<0
        for one in series {
            let range = columns(one)
            if range.isEmpty || newest.contains(range) { continue }
            guard range.upperBound <= end else {
                throw .missingColumn(section, column: range.upperBound - 1)
            }
            for page in pages.holding(range) {
                isWanted[page.index] = true
                newest = page.items
            }
        }
        return pages.indices.filter { isWanted[$0] }.map { pages[$0] }
    }

    /// The pages still to be supplied, in the order in which they lie in the body; empty once done.
    public var neededPages: [NeededPage] {
        isDone
            ? []
            : (timestampPages + valuePages + histogramPages + startPages).map {
                NeededPage(page: $0)
            }
    }

    /// The byte ranges of the body still to be supplied, ascending; empty once done.
    public var need: [Range<Int>] { neededPages.map(\.range) }

    /// Opens pages; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        guard !isDone else { return }
        supply(try neededPages.open(bytes, directory: directory))
    }

    /// Takes the pages of ``neededPages``, in that order.
    public mutating func supply(_ open: [OpenPage]) {
        for page in open {
            guard case .columns(let columns) = page.content else { continue }
            switch page.page.section {
            case .timestamps: timestamps.append(columns)
            case .values: values.append(columns)
            case .histograms: histograms.append(columns)
            case .starts: starts.append(columns)
            default: continue
            }
        }
        var shared = shared
        shared.decode { column, count, target throws(BlockFormatError) in
            try decodeTimestamps(column, count: count, into: &target)
        }
        self.shared = shared
        isDone = true
    }

    /// Bytes of what was decoded already for several series.
    public var sharedSize: Int { shared.size }

    /// Appends a series' floats to both arrays; on an error, these are as they were.
    ///
    /// - Parameter isCancelled: Asked before each further column of ``BlockLayout/samplesPerColumn`` samples.
    public func decode(
        _ series: BlockSeries,
        needed: NeededValues = .all,
        isCancelled: () -> Bool = { false },
        into timestamps: inout [Int64],
        _ values: inout [Double]
    ) throws(BlockFormatError) {
        let start = (timestamps.count, values.count)
        do throws(BlockFormatError) {
            var rest = series.floatCount
            for (timestampColumn, valueColumn) in zip(series.timestampColumns, series.valueColumns)
            {
                if rest < series.floatCount, isCancelled() { throw .cancelled }
                let count = min(rest, BlockLayout.samplesPerColumn)
                if !shared.append(timestampColumn, count: count, to: &timestamps) {
                    try decodeTimestamps(timestampColumn, count: count, into: &timestamps)
                }
                try decodeValues(valueColumn, count: count, needed, into: &values)
                rest -= count
            }
        } catch {
            timestamps.removeLast(timestamps.count - start.0)
            values.removeLast(values.count - start.1)
            throw error
        }
    }

    /// Appends a series' samples of all kinds to the columns; on an error, these are as they were.
    ///
    /// - Parameters:
    ///   - needed: Which values of floats matter.
    ///   - isCancelled: Asked before each further column of floats and each further chunk of histograms.
    /// - Throws: also ``BlockFormatError/cancelled``.
    public func decode(
        _ series: BlockSeries,
        needed: NeededValues = .all,
        isCancelled: () -> Bool = { false },
        into columns: inout SampleColumns
    ) throws(BlockFormatError) {
        let floats = columns.timestamps.count
        try decode(
            series,
            needed: needed,
            isCancelled: isCancelled,
            into: &columns.timestamps,
            &columns.values
        )
        guard !series.startColumns.isEmpty || !series.histogramChunks.isEmpty else {
            columns.fillStarts()
            return
        }
        let histogramCount = columns.histograms.timestamps.count
        do throws(BlockFormatError) {
            try decodeStarts(of: series, from: floats, into: &columns)
            try decodeHistograms(of: series, isCancelled: isCancelled, into: &columns.histograms)
        } catch {
            columns.truncate(floats: floats, histograms: histogramCount)
            throw error
        }
        columns.fillStarts()
    }

    /// Appends the start timestamps of the floats from `first` on.
    private func decodeStarts(
        of series: BlockSeries,
        from first: Int,
        into columns: inout SampleColumns
    ) throws(BlockFormatError) {
        guard !series.startColumns.isEmpty else { return }
        let timestamps = columns.timestamps
        while columns.startTimestamps.count < first { columns.startTimestamps.append(0) }
        for column in series.startColumns {
            let (page, range) = try Self.find(column, in: starts, section: .starts)
            let done = columns.startTimestamps.count
            let end = min(done + BlockLayout.samplesPerColumn, timestamps.count)
            do throws(ChunkError) {
                try StartColumn.decode(
                    page.bytes.span.extracting(range),
                    timestamps: timestamps.span.extracting(done..<end),
                    into: &columns.startTimestamps
                )
            } catch {
                throw .damagedColumn(page.location(of: column), error)
            }
        }
    }

    /// Those of some series that have samples in a range.
    ///
    /// Lists of timestamps that series share are looked at once.
    public func series(
        _ series: [BlockSeries],
        withSamplesIn range: TimeRange
    ) throws(BlockFormatError) -> [BlockSeries] {
        var verdicts: [Int: Bool] = [:]
        var kept: [BlockSeries] = []
        for one in series {
            var hasSamples = false
            if let first = one.timestampColumns.first {
                if let known = verdicts[first] {
                    hasSamples = known
                } else {
                    hasSamples = try hasFloats(one, in: range)
                    verdicts[first] = hasSamples
                }
            }
            if !hasSamples, !one.histogramChunks.isEmpty {
                var columns = HistogramColumns()
                try decodeHistograms(of: one, into: &columns)
                hasSamples = columns.timestamps.contains { range.contains($0) }
            }
            if hasSamples { kept.append(one) }
        }
        return kept
    }

    private func hasFloats(
        _ series: BlockSeries,
        in range: TimeRange
    ) throws(BlockFormatError) -> Bool {
        var rest = series.floatCount
        var times: [Int64] = []
        for column in series.timestampColumns {
            let count = min(rest, BlockLayout.samplesPerColumn)
            times.removeAll(keepingCapacity: true)
            try decodeTimestamps(column, count: count, into: &times)
            if times.contains(where: { range.contains($0) }) { return true }
            rest -= count
        }
        return false
    }

    private func decodeHistograms(
        of series: BlockSeries,
        isCancelled: () -> Bool = { false },
        into columns: inout HistogramColumns
    ) throws(BlockFormatError) {
        let end = columns.timestamps.count + series.histogramCount
        for chunk in series.histogramChunks {
            if chunk > series.histogramChunks.lowerBound, isCancelled() { throw .cancelled }
            let (page, range) = try Self.find(chunk, in: histograms, section: .histograms)
            let rest = end - columns.timestamps.count
            do throws(ChunkError) {
                try HistogramChunk.decode(
                    page.bytes.span.extracting(range),
                    maximumCount: min(rest, BlockLayout.histogramsPerChunk),
                    into: &columns
                )
            } catch {
                throw .damagedColumn(page.location(of: chunk), error)
            }
        }
        let missing = end - columns.timestamps.count
        guard missing == 0 else {
            throw .missingHistograms(row: series.row, count: missing)
        }
    }

    private func decodeTimestamps(
        _ column: Int,
        count: Int,
        into out: inout [Int64]
    ) throws(BlockFormatError) {
        let (page, range) = try Self.find(column, in: timestamps, section: .timestamps)
        do throws(ChunkError) {
            try TimestampColumn.decode(
                page.bytes.span.extracting(range),
                count: count,
                into: &out
            )
        } catch {
            throw .damagedColumn(page.location(of: column), error)
        }
    }

    private func decodeValues(
        _ column: Int,
        count: Int,
        _ needed: NeededValues,
        into out: inout [Double]
    ) throws(BlockFormatError) {
        let (page, range) = try Self.find(column, in: values, section: .values)
        do throws(ChunkError) {
            try ValueColumn.decode(
                page.bytes.span.extracting(range),
                count: count,
                needed: needed,
                into: &out
            )
        } catch {
            throw .damagedColumn(page.location(of: column), error)
        }
    }

    /// Finds a column by binary search; pages are in order of columns.
    private static func find(
        _ column: Int,
        in pages: [ColumnPage],
        section: BlockSection
    ) throws(BlockFormatError) -> (ColumnPage, Range<Int>) {
        var low = 0
        var high = pages.count
        while low < high {
            let middle = low + (high - low) / 2
            if pages[middle].items.upperBound <= column { low = middle + 1 } else { high = middle }
        }
        guard low < pages.count, let range = pages[low].range(of: column) else {
            throw .missingColumn(section, column: column)
        }
        return (pages[low], range)
    }
}
