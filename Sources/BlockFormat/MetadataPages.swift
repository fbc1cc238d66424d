public import MetricsModel

/// Lays metadata into pages: entries varint, then each as in ``MetadataBytes``; by ascending name through all pages.
struct MetadataPageWriter {
    private(set) var pages = PageWriter()
    private var entries: [UInt8] = []
    private var count = 0

    mutating func append(
        _ metadata: MetricMetadata,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        MetadataBytes.append(metadata, to: &entries)
        count += 1
        if entries.count >= BlockLayout.pageTargetSize { try finish(with: compressor) }
    }

    /// Closes the last page.
    mutating func finish(with compressor: borrowing PageCompressor) throws(BlockBuildError) {
        guard count > 0 else { return }
        var page: [UInt8] = []
        page.appendVarint(count)
        page.append(contentsOf: entries)
        try pages.append(page, itemCount: count, with: compressor)
        entries.removeAll(keepingCapacity: true)
        count = 0
    }
}

enum MetadataPageReader {
    static func entries(
        _ page: BlockPage,
        stored: [UInt8],
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) -> [MetricMetadata] {
        let bytes = try page.open(stored, with: decompressor)
        var reader = PageReader(bytes, section: .metadata, page: page.index)
        let count = try reader.number(.itemCount, in: page.items.count...page.items.count)
        guard count <= reader.remaining / MetadataBytes.minimumSize else {
            throw .invalidField(reader.location, .itemCount, found: UInt64(count))
        }
        var entries: [MetricMetadata] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let location = reader.location
            let entry = try reader.metadata()
            if let last = entries.last, !last.name.utf8.lexicographicallyPrecedes(entry.name.utf8) {
                throw .invalidField(location, .metricName, found: UInt64(entries.count))
            }
            entries.append(entry)
        }
        try reader.finish()
        return entries
    }
}

extension BlockDirectory {
    /// The pages with the metadata of the block's metrics; ``metadata(in:)`` takes them opened.
    public var metadataPagesNeeded: [NeededPage] {
        metadataPages.map { NeededPage(page: $0) }
    }

    /// The entries in opened pages, by ascending name, one for each metric.
    public func metadata(in pages: [OpenPage]) -> [MetricMetadata] {
        pages.flatMap { page in
            guard case .metadata(let entries) = page.content else { return [MetricMetadata]() }
            return entries
        }
    }

    /// Checks, opens and reads the bytes of ``metadataPagesNeeded``, in that order.
    ///
    /// - Parameter bytes: Not trusted.
    public func metadata(in bytes: [[UInt8]]) throws(BlockFormatError) -> [MetricMetadata] {
        metadata(in: try metadataPagesNeeded.open(bytes, directory: self))
    }
}

extension MetricMetadata {
    /// The metadata of several blocks, by ascending name: of each metric what the newest block says.
    ///
    /// - Parameter blocks: In ascending order of time.
    public static func merge(_ blocks: some Sequence<[MetricMetadata]>) -> [MetricMetadata] {
        var newest: [String: MetricMetadata] = [:]
        for block in blocks {
            for entry in block { newest[entry.name] = entry }
        }
        return newest.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
