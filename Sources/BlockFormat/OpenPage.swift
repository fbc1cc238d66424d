internal import MetricsModel

/// One page, checked and decompressed, that any number of queries of its block can read.
public struct OpenPage: Sendable {
    /// Where the page stands.
    let page: BlockPage
    let content: Content

    enum Content: Sendable {
        case labels([LabelTable])
        case columns(ColumnPage)
        case exemplarIndex([ExemplarPagePlace])
        case exemplars(ExemplarPage)
        case metadata([MetricMetadata])
        /// Of rows from the first on.
        case digests(first: Int, [SeriesDigest])
    }

    var isLabels: Bool {
        if case .labels = content { true } else { false }
    }

    /// Bytes in memory, about.
    public var size: Int {
        switch content {
        case .labels, .metadata: page.size * 2
        case .exemplarIndex: page.size * 8
        case .exemplars: page.size + 96 * page.items.count
        case .columns: page.size + 8 * page.items.count
        case .digests: 40 * page.items.count
        }
    }
}

/// A page that a query needs.
public struct NeededPage: Sendable, Hashable {
    let page: BlockPage

    /// The stored bytes, as a range of the block's body; no two pages of a block have the same.
    public var range: Range<Int> { page.range }

    /// Checks and opens the stored bytes.
    ///
    /// - Parameters:
    ///   - stored: The bytes of ``range``. Not trusted.
    ///   - directory: Of the same block.
    public func open(
        _ stored: [UInt8],
        directory: BlockDirectory
    ) throws(BlockFormatError) -> OpenPage {
        let decompressor = try PageDecompressor(for: page.location)
        switch page.section {
        case .labels:
            let tables = try LabelPageReader.tables(
                in: page,
                stored: stored,
                directory: directory,
                with: decompressor
            )
            return OpenPage(page: page, content: .labels(tables))
        case .exemplars:
            if page.index == directory.exemplarPages.count - 1 {
                let places = try ExemplarPageReader.index(
                    page,
                    stored: stored,
                    directory: directory,
                    with: decompressor
                )
                return OpenPage(page: page, content: .exemplarIndex(places))
            }
            let exemplars = try ExemplarPageReader.exemplars(
                page,
                stored: stored,
                directory: directory,
                with: decompressor
            )
            return OpenPage(page: page, content: .exemplars(exemplars))
        case .metadata:
            let entries = try MetadataPageReader.entries(page, stored: stored, with: decompressor)
            return OpenPage(page: page, content: .metadata(entries))
        case .digests:
            let digests = try BlockDirectory.digests(of: page, stored: stored, with: decompressor)
            return OpenPage(
                page: page,
                content: .digests(first: page.items.lowerBound, digests)
            )
        case .timestamps, .values, .histograms, .starts, .directory:
            let columns = try ColumnPage(page, stored: stored, with: decompressor)
            return OpenPage(page: page, content: .columns(columns))
        }
    }
}

extension [NeededPage] {
    /// Opens pages whose stored bytes came in the same order.
    func open(
        _ stored: [[UInt8]],
        directory: BlockDirectory
    ) throws(BlockFormatError) -> [OpenPage] {
        guard stored.count == count else {
            guard let first else { return [] }
            throw .suppliedSizeMismatch(first.page.location, expected: count, found: stored.count)
        }
        var pages: [OpenPage] = []
        for (needed, bytes) in zip(self, stored) {
            pages.append(try needed.open(bytes, directory: directory))
        }
        return pages
    }
}
