public import MetricsModel

/// Finds the series of one block that pass a set of matchers, without doing IO itself.
///
/// Fetch the bytes of ``need``, hand them to ``supply(_:)``, and read ``series``.
public struct BlockSelection: Sendable {
    private let directory: BlockDirectory
    private let plan: SelectionPlan
    private let pages: [BlockPage]
    private var isDone: Bool
    /// The series that pass all matchers, sorted by labels; empty until the pages are supplied.
    public private(set) var series: [BlockSeries] = []

    /// - Parameter matchers: All must pass; none select every series.
    public init(directory: BlockDirectory, matchers: [LabelMatcher]) {
        self.directory = directory
        plan = SelectionPlan(matchers, directory: directory)
        pages = plan.labelPages(in: directory)
        isDone = pages.isEmpty
    }

    /// The byte ranges of the body still to be supplied, ascending; empty once done.
    public var need: [Range<Int>] { isDone ? [] : pages.map(\.range) }

    /// Reads label pages; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        guard !isDone else { return }
        var found: [BlockSeries] = []
        try LabelPageReader.forEachTable(
            of: Set(plan.metrics),
            in: pages,
            stored: bytes,
            directory: directory
        ) { (table) throws(BlockFormatError) in
            for row in table.rows(passing: plan.tests) {
                found.append(table.series(row, directory: directory))
            }
        }
        // Rows go by metric first; labels that sort before `__name__` make that another order.
        if plan.metrics.count > 1 { found.sort { $0.labels < $1.labels } }
        series = found
        isDone = true
    }
}

extension LabelTable {
    func series(_ row: Int, directory: BlockDirectory) -> BlockSeries {
        let columnCount = BlockLayout.columnCount(of: floatCounts[row])
        let other = others.isEmpty ? OtherSamples() : others[row]
        return BlockSeries(
            labels: labels(of: row, directory: directory),
            floatCount: floatCounts[row],
            histogramCount: other.histogramCount,
            row: firstRow + row,
            timestampColumns: timestampColumns[row]..<(timestampColumns[row] + columnCount),
            valueColumns: valueColumns[row]..<(valueColumns[row] + columnCount),
            startColumns: other.startColumns,
            histogramChunks: other.histogramChunks
        )
    }
}
