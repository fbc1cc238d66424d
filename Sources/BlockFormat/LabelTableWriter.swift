/// Writes rows of one metric as a label table: one dictionary-encoded column per label name.
enum LabelTableWriter {
    /// One series as its label table needs it.
    struct Row {
        /// By ascending name, without `__name__`.
        let labels: [LabelSymbols.Label]
        let floatCount: Int
        /// 0 if there are no floats.
        let firstTimestampColumn: Int
        let hasStarts: Bool
        let histogramCount: Int
        let histogramChunkCount: Int
    }

    /// Returns the table: metric, row count, size of the rest, sample counts, timestamp columns, from version 2
    /// on what else the rows have, label columns.
    static func encode(
        _ rows: ArraySlice<Row>,
        metric: Int,
        symbols: LabelSymbols,
        version: UInt8
    ) -> [UInt8] {
        var rest: [UInt8] = []
        for row in rows { rest.appendVarint(row.floatCount) }
        for row in rows { rest.appendVarint(row.firstTimestampColumn) }
        if version > BlockLayout.floatsVersion {
            for row in rows { rest.appendVarint(row.hasStarts ? 1 : 0) }
            for row in rows { rest.appendVarint(row.histogramCount) }
            for row in rows { rest.appendVarint(row.histogramChunkCount) }
        }
        var columns: [Int: [Int]] = [:]
        for (index, row) in rows.enumerated() {
            for label in row.labels {
                columns[label.name, default: Array(repeating: -1, count: rows.count)][index] =
                    label.value
            }
        }
        rest.appendVarint(columns.count)
        for (name, values) in columns.sorted(by: { $0.key < $1.key }) {
            rest.appendVarint(name)
            append(values, name: name, symbols: symbols, to: &rest)
        }
        var table: [UInt8] = []
        table.reserveCapacity(rest.count + 16)
        table.appendVarint(metric)
        table.appendVarint(rows.count)
        table.appendVarint(rest.count)
        return table + rest
    }

    /// Appends one column: its distinct values, then for each row which of them, from 1; 0 is none.
    ///
    /// - Parameter values: Of each row, as numbered by `symbols`; -1 where it has none.
    private static func append(
        _ values: [Int],
        name: Int,
        symbols: LabelSymbols,
        to out: inout [UInt8]
    ) {
        var numbers: [Int: Int] = [:]
        var previous = -1
        for value in values where value != previous {
            if value >= 0 { numbers[value] = 0 }
            previous = value
        }
        let dictionary = numbers.keys
            .map { ($0, symbols.value(of: LabelSymbols.Label(name: name, value: $0))) }
            .sorted { $0.1.lexicographicallyPrecedes($1.1) }
        for (index, value) in dictionary.enumerated() { numbers[value.0] = index + 1 }
        out.appendVarint(dictionary.count)
        for value in dictionary { out.appendVarint(value.1.count) }
        for value in dictionary { out.append(contentsOf: value.1) }
        let isSame = values.allSatisfy { $0 == values[0] }
        let width = isSame ? 0 : dictionary.count <= UInt8.max ? 1 : 2
        out.append(UInt8(width))
        guard !isSame else {
            out.appendVarint(numbers[values[0]] ?? 0)
            return
        }
        previous = -1
        var number = 0
        for value in values {
            if value != previous { number = value < 0 ? 0 : numbers[value] ?? 0 }
            previous = value
            out.append(UInt8(truncatingIfNeeded: number))
            // A table has at most 4096 rows, so two bytes are enough.
            if width == 2 { out.append(UInt8(truncatingIfNeeded: number >> 8)) }
        }
    }
}

/// Lays label tables into pages: first row, first value column, from version 2 on first start column and
/// histogram chunk, count of tables, tables.
struct LabelPageWriter {
    private(set) var pages = PageWriter()
    private let version: UInt8
    private var tables: [UInt8] = []
    private var tableCount = 0
    private var rowCount = 0
    private var firstRow = 0
    /// Columns of the rows in this page, and of those before.
    private var columns = ColumnCounts()
    private var firstColumns = ColumnCounts()

    init(version: UInt8) { self.version = version }

    /// Appends a table, as several if one does not fit a page.
    mutating func append(
        _ rows: ArraySlice<LabelTableWriter.Row>,
        metric: Int,
        symbols: LabelSymbols,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        let table = LabelTableWriter.encode(
            rows,
            metric: metric,
            symbols: symbols,
            version: version
        )
        let limit = BlockLayout.pageMaximumSize - BlockLayout.pageTargetSize - 64
        guard table.count <= limit else {
            guard rows.count > 1 else {
                throw .labelsTooLarge(size: table.count, limit: limit)
            }
            let middle = rows.startIndex + rows.count / 2
            try append(rows[..<middle], metric: metric, symbols: symbols, with: compressor)
            try append(rows[middle...], metric: metric, symbols: symbols, with: compressor)
            return
        }
        tables.append(contentsOf: table)
        tableCount += 1
        rowCount += rows.count
        for row in rows { columns.add(row) }
        if tables.count >= BlockLayout.pageTargetSize { try finish(with: compressor) }
    }

    /// Closes the last page.
    mutating func finish(with compressor: borrowing PageCompressor) throws(BlockBuildError) {
        guard tableCount > 0 else { return }
        var page: [UInt8] = []
        page.appendVarint(firstRow)
        page.appendVarint(firstColumns.values)
        if version > BlockLayout.floatsVersion {
            page.appendVarint(firstColumns.starts)
            page.appendVarint(firstColumns.histograms)
        }
        page.appendVarint(tableCount)
        page.append(contentsOf: tables)
        try pages.append(page, itemCount: rowCount, with: compressor)
        firstRow += rowCount
        firstColumns.add(columns)
        tables.removeAll(keepingCapacity: true)
        (tableCount, rowCount, columns) = (0, 0, ColumnCounts())
    }

    /// How many columns some rows have in each section.
    private struct ColumnCounts {
        private(set) var values = 0
        private(set) var starts = 0
        private(set) var histograms = 0

        mutating func add(_ row: LabelTableWriter.Row) {
            let count = BlockLayout.columnCount(of: row.floatCount)
            values += count
            if row.hasStarts { starts += count }
            histograms += row.histogramChunkCount
        }

        mutating func add(_ other: ColumnCounts) {
            values += other.values
            starts += other.starts
            histograms += other.histograms
        }
    }
}
