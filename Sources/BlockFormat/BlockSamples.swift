internal import ChunkCoding

/// Reads the samples of some series of one block, without doing IO itself.
///
/// Fetch the bytes of ``need``, hand them to ``supply(_:)``, then decode series by series. To bound
/// memory, make one for each batch of series: neighbours share pages.
public struct BlockSamples: Sendable {
    private let timestampPages: [BlockPage]
    private let valuePages: [BlockPage]
    private var timestamps: [ColumnPage] = []
    private var values: [ColumnPage] = []
    private var isDone: Bool

    /// - Parameter series: What a ``BlockSelection`` of the same block found, or a part of it.
    public init(
        directory: BlockDirectory,
        series: some Collection<BlockSeries>
    ) throws(BlockFormatError) {
        timestampPages = try Self.pages(
            holding: series.map(\.timestampColumns),
            in: directory.timestampPages,
            section: .timestamps
        )
        valuePages = try Self.pages(
            holding: series.map(\.valueColumns),
            in: directory.valuePages,
            section: .values
        )
        isDone = timestampPages.isEmpty && valuePages.isEmpty
    }

    private static func pages(
        holding columns: [Range<Int>],
        in pages: [BlockPage],
        section: BlockSection
    ) throws(BlockFormatError) -> [BlockPage] {
        let end = pages.last?.items.upperBound ?? 0
        var wanted: Set<Int> = []
        for range in columns {
            guard range.upperBound <= end else {
                throw .missingColumn(section, column: range.upperBound - 1)
            }
            for page in pages.holding(range) { wanted.insert(page.index) }
        }
        return wanted.sorted().map { pages[$0] }
    }

    /// The byte ranges of the body still to be supplied, ascending; empty once done.
    public var need: [Range<Int>] {
        isDone ? [] : (timestampPages + valuePages).map(\.range)
    }

    /// Opens pages; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        guard !isDone, let first = timestampPages.first ?? valuePages.first else { return }
        let pages = timestampPages + valuePages
        guard bytes.count == pages.count else {
            throw .suppliedSizeMismatch(first.location, expected: pages.count, found: bytes.count)
        }
        let decompressor = try PageDecompressor(for: first.location)
        var open: [ColumnPage] = []
        open.reserveCapacity(pages.count)
        for (page, stored) in zip(pages, bytes) {
            open.append(try ColumnPage(page, stored: stored, with: decompressor))
        }
        timestamps = Array(open[..<timestampPages.count])
        values = Array(open[timestampPages.count...])
        isDone = true
    }

    /// Appends a series' samples to both arrays; on an error, these are as they were.
    public func decode(
        _ series: BlockSeries,
        into timestamps: inout [Int64],
        _ values: inout [Double]
    ) throws(BlockFormatError) {
        let start = (timestamps.count, values.count)
        do throws(BlockFormatError) {
            var rest = series.sampleCount
            for (timestampColumn, valueColumn) in zip(series.timestampColumns, series.valueColumns)
            {
                let count = min(rest, BlockLayout.samplesPerColumn)
                try decodeTimestamps(timestampColumn, count: count, into: &timestamps)
                try decodeValues(valueColumn, count: count, into: &values)
                rest -= count
            }
        } catch {
            timestamps.removeLast(timestamps.count - start.0)
            values.removeLast(values.count - start.1)
            throw error
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
        into out: inout [Double]
    ) throws(BlockFormatError) {
        let (page, range) = try Self.find(column, in: values, section: .values)
        do throws(ChunkError) {
            try ValueColumn.decode(page.bytes.span.extracting(range), count: count, into: &out)
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
            if let range = pages[middle].range(of: column) { return (pages[middle], range) }
            if pages[middle].ends(before: column) { low = middle + 1 } else { high = middle }
        }
        throw .missingColumn(section, column: column)
    }
}

extension ColumnPage {
    /// Says whether all columns of this page come before the given one.
    fileprivate func ends(before column: Int) -> Bool { items.upperBound <= column }
}
