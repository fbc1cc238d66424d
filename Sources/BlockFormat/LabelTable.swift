internal import MetricsModel
internal import Synchronization

/// One label table of a page: rows of one metric, one dictionary-encoded column per label name.
final class LabelTable: Sendable {
    /// Index into ``BlockDirectory/metrics``.
    let metric: Int
    /// Number in the block of the first row.
    let firstRow: Int
    /// Floats of each row; 0 only since version 2.
    let floatCounts: [Int]
    /// First timestamp column of each row.
    let timestampColumns: [Int]
    /// First value column of each row.
    let valueColumns: [Int]
    /// What each row has besides plain floats; empty in version 1.
    let others: [OtherSamples]
    /// By ascending name.
    let columns: [LabelColumn]
    /// The value of `__name__`; empty for series without it.
    let metricName: [UInt8]
    /// The directory's label names.
    private let labelNames: [[UInt8]]
    /// The fingerprints that were asked for, by row; empty until the first one.
    private let fingerprints = Mutex<[Fingerprint?]>([])

    var rowCount: Int { floatCounts.count }

    /// Reads a table but its label columns, to know where the next one's values are.
    ///
    /// - Parameters:
    ///   - reader: Stands at the table, and passes over all of it.
    ///   - place: Rows and value columns of the tables before.
    init(
        _ reader: inout PageReader,
        place: inout Place,
        directory: BlockDirectory,
        page: BlockPage
    ) throws(BlockFormatError) {
        let location = reader.location
        let metric = try reader.number(.metricIndex, in: 0...Int(UInt32.max))
        guard directory.metrics.indices.contains(metric) else {
            throw .invalidField(location, .metricIndex, found: UInt64(metric))
        }
        let rowCount = try reader.count(.rowCount, ofAtLeast: 2)
        let rows = directory.metrics[metric].rows
        guard rowCount > 0, place.row >= rows.lowerBound, place.row + rowCount <= rows.upperBound
        else { throw .invalidField(location, .rowCount, found: UInt64(rowCount)) }
        let body = try reader.sized(.tableSize)
        var fields = PageReader(
            reader.bytes,
            within: body,
            section: .labels,
            page: page.index
        )
        var floatCounts: [Int] = []
        var valueColumns: [Int] = []
        floatCounts.reserveCapacity(rowCount)
        valueColumns.reserveCapacity(rowCount)
        firstRow = place.row
        let hasOthers = directory.version > BlockLayout.floatsVersion
        let fewest = hasOthers ? 0 : 1
        for _ in 0..<rowCount {
            let count = try fields.number(
                .sampleCount,
                in: fewest...BlockLayout.maximumSamplesPerSeries
            )
            floatCounts.append(count)
            valueColumns.append(place.valueColumn)
            place.valueColumn += BlockLayout.columnCount(of: count)
        }
        place.row += rowCount
        var timestampColumns: [Int] = []
        timestampColumns.reserveCapacity(rowCount)
        for _ in 0..<rowCount {
            timestampColumns.append(try fields.number(.firstColumn, in: 0...Int(UInt32.max)))
        }
        self.metric = metric
        self.floatCounts = floatCounts
        self.valueColumns = valueColumns
        self.timestampColumns = timestampColumns
        others =
            hasOthers
            ? try OtherSamples.read(&fields, floatCounts: floatCounts, place: &place) : []
        columns = try Self.columns(&fields, rowCount: rowCount, directory: directory)
        metricName = directory.metrics[metric].nameBytes
        labelNames = directory.labelNameBytes
    }

    private static func columns(
        _ fields: inout PageReader,
        rowCount: Int,
        directory: BlockDirectory
    ) throws(BlockFormatError) -> [LabelColumn] {
        let count = try fields.count(.columnCount, ofAtLeast: 3)
        var columns: [LabelColumn] = []
        columns.reserveCapacity(count)
        for _ in 0..<count {
            let location = fields.location
            let column = try LabelColumn(&fields, rowCount: rowCount)
            guard column.name > (columns.last?.name ?? -1),
                column.name < directory.labelNameBytes.count
            else {
                throw .invalidField(location, .labelNameIndex, found: UInt64(column.name))
            }
            columns.append(column)
        }
        try fields.finish()
        return columns
    }

    func column(named name: Int) -> LabelColumn? {
        columns.first { $0.name == name }
    }

    /// Returns the rows, counted from 0 in this table, whose labels pass all tests.
    func rows(passing tests: [LabelTest]) -> [Int] {
        var passing = [Bool](repeating: true, count: rowCount)
        for test in tests {
            guard let column = test.name.flatMap({ column(named: $0) }) else {
                guard test.matcher.matchesEmpty else { return [] }
                continue
            }
            let verdicts = column.verdicts(of: test.matcher)
            guard verdicts.contains(true) else { return [] }
            guard verdicts.contains(false) else { continue }
            for row in 0..<rowCount where !verdicts[column.index(of: row)] { passing[row] = false }
        }
        return passing.indices.filter { passing[$0] }
    }

    /// Builds the labels of one row.
    func labels(of row: Int) -> Labels {
        var key: [UInt8] = []
        key.reserveCapacity(256)
        append(row, to: &key)
        return Labels(unchecked: key)
    }

    /// The fingerprints of some rows, kept for the next time.
    func fingerprints(of rows: [Int], seed: TenantSeed) -> [Fingerprint] {
        fingerprints.withLock { known in
            if known.isEmpty { known = [Fingerprint?](repeating: nil, count: rowCount) }
            var key: [UInt8] = []
            return rows.map { row in
                if let fingerprint = known[row] { return fingerprint }
                key.removeAll(keepingCapacity: true)
                append(row, to: &key)
                let fingerprint = key.withUnsafeBytes { Fingerprint(seed: seed, key: $0) }
                known[row] = fingerprint
                return fingerprint
            }
        }
    }

    /// Writes the canonical key of one row behind `key`.
    private func append(_ row: Int, to key: inout [UInt8]) {
        var hasName = metricName.isEmpty
        for column in columns {
            let index = column.index(of: row)
            guard index > 0 else { continue }
            let name = labelNames[column.name]
            if !hasName, Self.metricLabel.lexicographicallyPrecedes(name) {
                Self.append(Self.metricLabel, metricName[...], to: &key)
                hasName = true
            }
            Self.append(name, column.value(index), to: &key)
        }
        if !hasName { Self.append(Self.metricLabel, metricName[...], to: &key) }
    }

    private static let metricLabel = Array(Labels.metricName.utf8)

    private static func append(_ name: [UInt8], _ value: ArraySlice<UInt8>, to key: inout [UInt8]) {
        name.withUnsafeBufferPointer { name in
            value.withUnsafeBufferPointer { SeriesKey.append(name: name, value: $0, to: &key) }
        }
    }

    /// Where in the block the next table's rows and values start.
    struct Place {
        var row: Int
        var valueColumn: Int
        var startColumn = 0
        var histogramChunk = 0
    }
}

/// A matcher of a label other than `__name__`, with the name looked up in the block.
struct LabelTest: Sendable {
    let matcher: LabelMatcher
    /// Nil if no series of the block has the label.
    let name: Int?
}
