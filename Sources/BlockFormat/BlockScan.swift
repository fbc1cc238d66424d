public import MetricsModel

/// Walks all series of one block in the block's order and holds little of it at a time, without doing IO itself.
///
/// ```
/// while true {
///     while !scan.neededPages.isEmpty { try scan.supply(await fetch(scan.neededPages)) }
///     guard let series = scan.current else { break }
///     try scan.decode(into: &samples)
///     try scan.advance()
/// }
/// ```
public struct BlockScan: Sendable {
    public let directory: BlockDirectory
    private let seed: TenantSeed
    /// Number of the next label page to read.
    private var nextLabelPage = 0
    /// The series of the label page that is being read.
    private var series: [BlockSeries] = []
    private var index = 0
    /// The samples of some of the series, of ``index`` among others.
    private var samples: BlockSamples?
    /// The exemplars of all series of the label page; nil where the block has none.
    private var readExemplars: BlockExemplars?
    /// Whether the pages of ``samples`` are there.
    private var hasSamples = false
    private var slice = 0..<0
    private var labelSize = 0
    private var sampleSize = 0

    /// Samples whose pages are held at a time, if they are of several series.
    private static let samplesPerSlice = 1 << 16
    /// Bytes before compression of the pages that are held at a time, if several series need them.
    private static let sliceMaximumSize = 8 << 20

    /// - Parameter seed: Of the block's tenant.
    public init(directory: BlockDirectory, seed: TenantSeed) {
        self.directory = directory
        self.seed = seed
    }

    /// The pages to be supplied before ``current`` can be read; empty also at the end.
    public var neededPages: [NeededPage] {
        if index < series.count {
            if let pages = readExemplars?.neededPages, !pages.isEmpty { return pages }
            return samples?.neededPages ?? []
        }
        guard nextLabelPage < directory.labelPages.count else { return [] }
        return [NeededPage(page: directory.labelPages[nextLabelPage])]
    }

    /// The series that is next; nil at the end, and while pages are needed.
    public var current: BlockSeries? {
        guard index < series.count, hasSamples, readExemplars?.neededPages.isEmpty != false else {
            return nil
        }
        return series[index]
    }

    /// Whether all series were passed.
    public var isAtEnd: Bool {
        index == series.count && nextLabelPage == directory.labelPages.count
    }

    /// Bytes in memory, about.
    public var memory: Int {
        labelSize * 4 + sampleSize + series.count * 64 + (readExemplars?.count ?? 0) * 128
    }

    /// Whether the next series stands before that of another block in the order of blocks: by metric, then by labels.
    ///
    /// - Parameters:
    ///   - labels: Of ``current``, made once by the caller.
    ///   - other: With a series, too.
    public func precedes(_ other: BlockScan, labels: Labels, otherLabels: Labels) -> Bool {
        guard let own = metricName, let others = other.metricName else { return metricName != nil }
        return own == others ? labels < otherLabels : own.lexicographicallyPrecedes(others)
    }

    /// Takes the bytes of ``neededPages``, in that order; on an error, nothing changes.
    ///
    /// - Parameter stored: Not trusted.
    public mutating func supply(_ stored: [[UInt8]]) throws(BlockFormatError) {
        let needed = neededPages
        guard !needed.isEmpty else { return }
        let open = try needed.open(stored, directory: directory)
        if index < series.count, readExemplars?.neededPages.isEmpty == false {
            readExemplars?.supply(open)
            return
        }
        if index < series.count {
            samples?.supply(open)
            hasSamples = true
            sampleSize = open.reduce(0) { $0 + $1.size }
            return
        }
        var found: [BlockSeries] = []
        for page in open {
            guard case .labels(let tables) = page.content else { continue }
            for table in tables {
                let rows = Array(0..<table.rowCount)
                for (row, fingerprint) in zip(rows, table.fingerprints(of: rows, seed: seed)) {
                    found.append(BlockSeries(table, number: 0, row: row, fingerprint))
                }
            }
        }
        let slice = try Self.slice(of: found, from: 0, directory)
        series = found
        readExemplars =
            directory.hasExemplars
            ? BlockExemplars(directory: directory, series: found, range: .all) : nil
        index = 0
        nextLabelPage += 1
        labelSize = open.reduce(0) { $0 + $1.page.size }
        take(slice)
    }

    /// Appends the samples of ``current`` to the columns.
    public func decode(into columns: inout SampleColumns) throws(BlockFormatError) {
        guard let current else { return }
        try samples?.decode(current, into: &columns)
    }

    /// The exemplars of ``current``, by time.
    public var exemplars: [Exemplar] { current.flatMap { readExemplars?.exemplars(of: $0) } ?? [] }

    /// Goes to the next series.
    public mutating func advance() throws(BlockFormatError) {
        guard index < series.count else { return }
        if index + 1 < series.count, index + 1 == slice.upperBound {
            take(try Self.slice(of: series, from: index + 1, directory))
        }
        index += 1
        if index == series.count {
            samples = nil
            readExemplars = nil
        }
    }

    private mutating func take(_ next: (range: Range<Int>, samples: BlockSamples)) {
        slice = next.range
        samples = next.samples
        hasSamples = next.samples.neededPages.isEmpty
        sampleSize = 0
    }

    /// The value of `__name__` of the next series; nil at the end.
    private var metricName: [UInt8]? { index < series.count ? series[index].metricName : nil }

    /// Series from one on that are read together.
    private static func slice(
        of series: [BlockSeries],
        from start: Int,
        _ directory: BlockDirectory
    ) throws(BlockFormatError) -> (range: Range<Int>, samples: BlockSamples) {
        var end = start
        var count = 0
        while end < series.count, end == start || count + series[end].sampleCount <= samplesPerSlice
        {
            count += series[end].sampleCount
            end += 1
        }
        while true {
            let samples = try BlockSamples(directory: directory, series: series[start..<end])
            let size = samples.neededPages.reduce(0) { $0 + $1.page.size }
            if size <= sliceMaximumSize || end - start <= 1 { return (start..<end, samples) }
            end = start + (end - start) / 2
        }
    }
}
