/// Collects items of one section into pages and stores these one behind the other.
struct PageWriter {
    /// The stored bytes of all pages so far.
    private(set) var stored: [UInt8] = []
    private(set) var entries: [DirectoryCoding.PageEntry] = []

    /// Compresses a page of `itemCount` items and appends it.
    mutating func append(
        _ page: [UInt8],
        itemCount: Int,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        let bytes = try compressor.compress(page)
        entries.append(
            DirectoryCoding.PageEntry(
                storedSize: bytes.count,
                size: page.count,
                checksum: PageChecksum.of(bytes),
                itemCount: itemCount
            )
        )
        stored.append(contentsOf: bytes)
    }
}

/// Lays columns of samples into pages: count of columns, their sizes, then the columns themselves.
struct ColumnPageWriter {
    private(set) var pages = PageWriter()
    private var sizes: [Int] = []
    private var columns: [UInt8] = []

    mutating func append(
        _ column: ArraySlice<UInt8>,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        sizes.append(column.count)
        columns.append(contentsOf: column)
        if columns.count >= BlockLayout.pageTargetSize { try finish(with: compressor) }
    }

    /// Closes the last page.
    mutating func finish(with compressor: borrowing PageCompressor) throws(BlockBuildError) {
        guard !sizes.isEmpty else { return }
        var page: [UInt8] = []
        page.reserveCapacity(columns.count + sizes.count * 3 + 4)
        page.appendVarint(sizes.count)
        for size in sizes { page.appendVarint(size) }
        page.append(contentsOf: columns)
        try pages.append(page, itemCount: sizes.count, with: compressor)
        sizes.removeAll(keepingCapacity: true)
        columns.removeAll(keepingCapacity: true)
    }
}
