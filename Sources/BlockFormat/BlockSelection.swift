public import MetricsModel

/// Finds the series of one block that pass a set of matchers, without doing IO itself.
///
/// Fetch the bytes of ``need``, hand them to ``supply(_:)``, and read ``series``.
public struct BlockSelection: Sendable {
    private let directory: BlockDirectory
    private let plan: SelectionPlan
    private let seed: TenantSeed
    private let pages: [NeededPage]
    private var isDone: Bool
    /// The series that pass all matchers, in the order of the block; empty until the pages are supplied.
    public private(set) var series: [BlockSeries] = []
    /// The label tables that these lie in.
    public private(set) var tables = BlockTables()

    /// - Parameters:
    ///   - matchers: All must pass; none select every series.
    ///   - seed: Of the block's tenant.
    public init(directory: BlockDirectory, matchers: [LabelMatcher], seed: TenantSeed) {
        self.directory = directory
        self.seed = seed
        plan = SelectionPlan(matchers, directory: directory)
        pages = plan.labelPages(in: directory).map { NeededPage(page: $0) }
        isDone = pages.isEmpty
    }

    /// The pages still to be supplied, in order; empty once done.
    public var neededPages: [NeededPage] { isDone ? [] : pages }

    /// The byte ranges of the body still to be supplied, ascending; empty once done.
    public var need: [Range<Int>] { neededPages.map(\.range) }

    /// How many series and samples the metrics have that may pass, as the directory says: never fewer than do.
    public var candidates: (seriesCount: Int, sampleCount: Int) {
        plan.metrics.reduce(into: (0, 0)) { counts, index in
            counts.0 += directory.metrics[index].seriesCount
            counts.1 += directory.metrics[index].sampleCount
        }
    }

    /// Reads label pages; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        guard !isDone else { return }
        supply(try pages.open(bytes, directory: directory))
    }

    /// Takes the pages of ``neededPages``, in that order.
    public mutating func supply(_ open: [OpenPage]) { supply(open, check: Self.goOn) }

    /// The same, asking before each table whether to go on; where not, nothing changes.
    public mutating func supply<Failure: Error>(
        _ open: [OpenPage],
        check: () throws(Failure) -> Void
    ) throws(Failure) {
        var tables = BlockTables()
        series = try series(in: open, &tables, check)
        self.tables = tables
        isDone = true
    }

    /// The series in some of the pages that pass, in the order of the block; for who reads page by page.
    public func series(in open: [OpenPage]) -> [BlockSeries] {
        var tables = BlockTables()
        return series(in: open, &tables, Self.goOn)
    }

    private static func goOn() throws(Never) {}

    private func series<Failure: Error>(
        in open: [OpenPage],
        _ tables: inout BlockTables,
        _ check: () throws(Failure) -> Void
    ) throws(Failure) -> [BlockSeries] {
        var found: [BlockSeries] = []
        for table in open.tables(of: plan.metrics) {
            try check()
            let rows = table.rows(passing: plan.tests)
            guard !rows.isEmpty else { continue }
            let number = tables.append(table)
            let fingerprints = table.fingerprints(of: rows, seed: seed)
            for (row, fingerprint) in zip(rows, fingerprints) {
                found.append(BlockSeries(table, number: number, row: row, fingerprint))
            }
        }
        return found
    }
}
