public import MetricsModel

/// Finds the exemplars of some series of one block in a range of time, without doing IO itself.
///
/// As long as ``neededPages`` is not empty, fetch them and hand them to ``supply(_:)``: the index of the block's
/// exemplars first, then the pages that hold any of the rows and times, a few at a time. Of pages only what is wanted
/// is kept.
public struct BlockExemplars: Sendable {
    /// How far before the first sample of its block, or behind the last one, an exemplar may be, in milliseconds.
    public static let maximumDistance: Int64 = 7_200_000

    private let directory: BlockDirectory
    /// Ascending.
    private let rows: [Int]
    private let range: TimeRange
    private var step: Step
    /// By row.
    private var found: [Int: [Exemplar]] = [:]
    /// How many exemplars are found so far.
    public private(set) var count = 0

    /// Pages that are asked for at the same time.
    private static let pagesPerStep = 32

    private enum Step: Sendable {
        case index(BlockPage)
        case pages([BlockPage])
        case done
    }

    /// - Parameter series: What a ``BlockSelection`` of the same block found.
    public init(
        directory: BlockDirectory,
        series: some Collection<BlockSeries>,
        range: TimeRange
    ) {
        self.directory = directory
        self.range = range
        rows = series.map(\.row).sorted()
        if let index = directory.exemplarPages.last, !rows.isEmpty, !range.isEmpty {
            step = .index(index)
        } else {
            step = .done
        }
    }

    /// The times of exemplars that a block may hold whose samples are between two times.
    ///
    /// The other way round, too: the times of samples of all blocks that hold exemplars between two times.
    public static func times(around samples: ClosedRange<Int64>) -> ClosedRange<Int64> {
        let (lower, isBefore) = samples.lowerBound.subtractingReportingOverflow(maximumDistance)
        let (upper, isBeyond) = samples.upperBound.addingReportingOverflow(maximumDistance)
        return (isBefore ? .min : lower)...(isBeyond ? .max : upper)
    }

    /// The pages to be supplied next, in order; empty once done.
    public var neededPages: [NeededPage] {
        switch step {
        case .index(let page): [NeededPage(page: page)]
        case .pages(let pages): pages.prefix(Self.pagesPerStep).map { NeededPage(page: $0) }
        case .done: []
        }
    }

    /// The byte ranges of the body to be supplied next, ascending; empty once done.
    public var need: [Range<Int>] { neededPages.map(\.range) }

    /// Takes the next step; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        supply(try neededPages.open(bytes, directory: directory))
    }

    /// Takes the pages of ``neededPages``, in that order.
    public mutating func supply(_ open: [OpenPage]) {
        switch step {
        case .index:
            guard case .exemplarIndex(let places)? = open.first?.content else {
                preconditionFailure("\(open.count) pages in place of the index of exemplars")
            }
            let wanted = places.indices.filter { holdsAny(places[$0]) }
            step = wanted.isEmpty ? .done : .pages(wanted.map { directory.exemplarPages[$0] })
        case .pages(let pages):
            for page in open {
                if case .exemplars(let page) = page.content { take(page) }
            }
            let rest = Array(pages.dropFirst(Self.pagesPerStep))
            step = rest.isEmpty ? .done : .pages(rest)
        case .done: break
        }
    }

    /// The exemplars of one of the series in the range, by time.
    public func exemplars(of series: BlockSeries) -> [Exemplar] { found[series.row] ?? [] }

    private mutating func take(_ page: ExemplarPage) {
        for row in page.rows where rows[firstIndex(notBefore: row.number)...].first == row.number {
            let wanted = page.exemplars[row.exemplars].filter { range.contains($0.timestamp) }
            guard !wanted.isEmpty else { continue }
            found[row.number, default: []] += wanted
            count += wanted.count
        }
    }

    private func holdsAny(_ place: ExemplarPagePlace) -> Bool {
        guard place.times.upperBound >= range.start, place.times.lowerBound < range.end else {
            return false
        }
        let first = firstIndex(notBefore: place.rows.lowerBound)
        return first < rows.count && place.rows.contains(rows[first])
    }

    /// Where in ``rows`` the first one is that is not before a row.
    private func firstIndex(notBefore row: Int) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension BlockDirectory {
    /// Whether the block has any exemplars.
    public var hasExemplars: Bool { !exemplarPages.isEmpty }
}
