/// Opens label pages and walks their tables.
enum LabelPageReader {
    /// The tables of a page, in the order of rows.
    ///
    /// - Parameter stored: The stored bytes of the page. Not trusted.
    static func tables(
        in page: BlockPage,
        stored: [UInt8],
        directory: BlockDirectory,
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) -> [LabelTable] {
        let bytes = try page.open(stored, with: decompressor)
        var reader = PageReader(bytes, section: .labels, page: page.index)
        var place = try place(&reader, page: page, version: directory.version)
        var tables: [LabelTable] = []
        for _ in 0..<(try reader.count(.tableCount, ofAtLeast: 4)) {
            tables.append(
                try LabelTable(&reader, place: &place, directory: directory, page: page)
            )
        }
        try reader.finish()
        guard place.row == page.items.upperBound else {
            throw .invalidField(reader.location, .rowCount, found: UInt64(place.row))
        }
        return tables
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

extension [OpenPage] {
    /// The tables of some metrics in label pages, in the order of rows.
    func tables(of metrics: [Int]) -> [LabelTable] {
        let wanted = Set(metrics)
        return flatMap { page -> [LabelTable] in
            guard case .labels(let tables) = page.content else { return [] }
            return tables.filter { wanted.contains($0.metric) }
        }
    }
}
