/// An open page of timestamp or value columns.
struct ColumnPage: Sendable {
    let bytes: [UInt8]
    private let page: BlockPage
    /// Where each column starts; one more element is where the last one ends.
    private let bounds: [Int]

    init(
        _ page: BlockPage,
        stored: [UInt8],
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) {
        self.page = page
        bytes = try page.open(stored, with: decompressor)
        var reader = PageReader(bytes, section: page.section, page: page.index)
        let count = try reader.number(.itemCount, in: page.items.count...page.items.count)
        var sizes: [Int] = []
        sizes.reserveCapacity(count)
        for _ in 0..<count {
            sizes.append(try reader.number(.columnSize, in: 1...BlockLayout.pageMaximumSize))
        }
        var bounds = [reader.offset]
        bounds.reserveCapacity(count + 1)
        for size in sizes { bounds.append(try reader.take(size).upperBound) }
        try reader.finish()
        self.bounds = bounds
    }

    /// Numbers of the columns in it.
    var items: Range<Int> { page.items }

    /// Returns where a column lies in ``bytes``, or nil if it is not in this page.
    func range(of column: Int) -> Range<Int>? {
        guard page.items.contains(column) else { return nil }
        let index = column - page.items.lowerBound
        return bounds[index]..<bounds[index + 1]
    }

    func location(of column: Int) -> BlockLocation {
        BlockLocation(
            section: page.section,
            page: page.index,
            offset: range(of: column)?.lowerBound ?? 0
        )
    }
}
