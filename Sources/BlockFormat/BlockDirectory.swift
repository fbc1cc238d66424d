public import MetricsModel

/// What a block holds and where: everything a reader has to know before it fetches a page.
public struct BlockDirectory: Sendable {
    /// Version of the block's bytes.
    let version: UInt8
    /// The window the block was built for, half-open, in milliseconds.
    public let range: TimeRange
    /// Timestamp of the earliest sample, in milliseconds.
    public let minTime: Int64
    /// Timestamp of the latest sample (inclusive), in milliseconds.
    public let maxTime: Int64
    public let seriesCount: Int
    public let sampleCount: Int
    /// All label names in the block besides `__name__`, ascending; a merged block may list some that no series has.
    public var labelNames: [String] {
        labelNameBytes.map { String(decoding: $0, as: UTF8.self) }
    }
    /// In order of name.
    public let metrics: [BlockMetric]
    /// The label names as they were written, valid UTF-8 or not.
    let labelNameBytes: [[UInt8]]
    let labelPages: [BlockPage]
    let timestampPages: [BlockPage]
    let valuePages: [BlockPage]
    let digestPages: [BlockPage]
    let histogramPages: [BlockPage]
    let startPages: [BlockPage]
    /// The last one is the index of the others.
    let exemplarPages: [BlockPage]
    let metadataPages: [BlockPage]
    /// Where the last page ends, as an offset into the body.
    let bodySize: Int
    /// Numbers of sections with pages that this version can neither read nor merge, ascending.
    ///
    /// Whoever writes a block anew would lose what is in them.
    public let foreignSections: [UInt8]

    /// Reads a directory.
    ///
    /// - Parameter bytes: Exactly the block's bytes in ``EncodedBlock/directory``. Not trusted.
    public init(decoding bytes: [UInt8]) throws(BlockFormatError) {
        self = try DirectoryCoding.decode(bytes)
    }

    init(
        version: UInt8,
        summary: Summary,
        labelNames: [[UInt8]],
        metrics: [BlockMetric],
        pages: [BlockSection: [BlockPage]],
        bodySize: Int,
        foreignSections: [UInt8] = []
    ) {
        self.foreignSections = foreignSections
        self.version = version
        range = summary.range
        minTime = summary.minTime
        maxTime = summary.maxTime
        seriesCount = summary.seriesCount
        sampleCount = summary.sampleCount
        labelNameBytes = labelNames
        self.metrics = metrics
        labelPages = pages[.labels] ?? []
        timestampPages = pages[.timestamps] ?? []
        valuePages = pages[.values] ?? []
        digestPages = pages[.digests] ?? []
        histogramPages = pages[.histograms] ?? []
        startPages = pages[.starts] ?? []
        exemplarPages = pages[.exemplars] ?? []
        metadataPages = pages[.metadata] ?? []
        self.bodySize = bodySize
    }

    /// The pages of all sections that are known.
    var allPages: [BlockPage] {
        labelPages + timestampPages + valuePages + digestPages + histogramPages + startPages
            + exemplarPages + metadataPages
    }

    /// How much of the body each section takes, the directory first, empty ones left out.
    public var sectionSizes: [BlockSectionSize] {
        let directorySize = allPages.map(\.range.lowerBound).min() ?? bodySize
        let directory = BlockSectionSize(
            section: .directory,
            pageCount: 1,
            itemCount: metrics.count,
            storedSize: directorySize,
            size: nil
        )
        return [directory]
            + BlockSection.allCases.compactMap { section -> BlockSectionSize? in
                let pages = allPages.filter { $0.section == section }
                guard !pages.isEmpty else { return nil }
                return BlockSectionSize(
                    section: section,
                    pageCount: pages.count,
                    itemCount: pages.reduce(0) { $0 + $1.items.count },
                    storedSize: pages.reduce(0) { $0 + $1.range.count },
                    size: pages.reduce(0) { $0 + $1.size }
                )
            }
    }

    /// Returns the index of a label name, or nil if no series of the block has it.
    func index(ofLabelName name: String) -> Int? {
        var low = 0
        var high = labelNameBytes.count
        while low < high {
            let middle = low + (high - low) / 2
            if labelNameBytes[middle].lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < labelNameBytes.count, name.utf8.elementsEqual(labelNameBytes[low]) else {
            return nil
        }
        return low
    }

    /// The figures that describe a whole block.
    struct Summary: Sendable {
        var range: TimeRange
        var minTime: Int64
        var maxTime: Int64
        var seriesCount: Int
        var sampleCount: Int
    }
}

/// What one section of a block takes.
public struct BlockSectionSize: Sendable, Equatable {
    public let section: BlockSection
    public let pageCount: Int
    /// Rows, columns or chunks; metrics in the directory.
    public let itemCount: Int
    /// Bytes in the body.
    public let storedSize: Int
    /// Bytes before compression; nil for the directory, which tells only of others.
    public let size: Int?
}
