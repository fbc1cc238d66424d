/// Opens label pages and walks their tables.
enum LabelPageReader {
    /// Calls the body for each table of the wanted metrics, in the order of rows.
    ///
    /// - Parameter stored: The stored bytes of `pages`, in that order. Not trusted.
    static func forEachTable(
        of metrics: Set<Int>,
        in pages: [BlockPage],
        stored: [[UInt8]],
        directory: BlockDirectory,
        _ body: (LabelTable) throws(BlockFormatError) -> Void
    ) throws(BlockFormatError) {
        guard let first = pages.first else { return }
        guard stored.count == pages.count else {
            throw .suppliedSizeMismatch(
                first.location,
                expected: pages.count,
                found: stored.count
            )
        }
        let decompressor = try PageDecompressor(for: first.location)
        for (page, stored) in zip(pages, stored) {
            let bytes = try page.open(stored, with: decompressor)
            var reader = PageReader(bytes, section: .labels, page: page.index)
            var place = try place(&reader, page: page, version: directory.version)
            for _ in 0..<(try reader.count(.tableCount, ofAtLeast: 4)) {
                let table = try LabelTable(
                    &reader,
                    place: &place,
                    directory: directory,
                    page: page
                )
                if metrics.contains(table.metric) { try body(table) }
            }
            try reader.finish()
            guard place.row == page.items.upperBound else {
                throw .invalidField(reader.location, .rowCount, found: UInt64(place.row))
            }
        }
    }

    private static func place(
        _ reader: inout PageReader,
        page: BlockPage,
        version: UInt8
    ) throws(BlockFormatError) -> LabelTable.Place {
        let first = page.items.lowerBound
        let row = try reader.number(.firstRow, in: first...first)
        let column = try reader.number(.firstColumn, in: 0...(1 << 53))
        var place = LabelTable.Place(row: row, valueColumn: column)
        guard version > BlockLayout.floatsVersion else { return place }
        place.startColumn = try reader.number(.firstColumn, in: 0...(1 << 53))
        place.histogramChunk = try reader.number(.firstColumn, in: 0...(1 << 53))
        return place
    }
}
