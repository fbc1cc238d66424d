public import MetricsModel

/// A series of a block that passed the matchers, and where its samples are.
public struct BlockSeries: Sendable {
    /// The label table and the row in it.
    let table: LabelTable
    let tableRow: Int
    /// Number of the table in the selection.
    let tableNumber: Int
    /// The series' name within the tenant.
    public let fingerprint: Fingerprint

    init(_ table: LabelTable, number: Int, row: Int, _ fingerprint: Fingerprint) {
        self.table = table
        tableNumber = number
        tableRow = row
        self.fingerprint = fingerprint
    }

    /// Made each time, in less than 1 µs.
    public var labels: Labels { table.labels(of: tableRow) }

    /// Calls the body with the name of the metric, empty where there is none.
    public func withName(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        table.metricName.withUnsafeBufferPointer(body)
    }

    /// Writes some labels behind `key`.
    func append(_ parts: [LabelTable.KeyPart], to key: inout [UInt8]) {
        table.append(tableRow, parts, to: &key)
    }
    /// The value of `__name__`; empty for series without it.
    var metricName: [UInt8] { table.metricName }

    /// Samples of all kinds.
    public var sampleCount: Int { floatCount + histogramCount }

    public var floatCount: Int { table.floatCounts[tableRow] }

    public var histogramCount: Int { others.histogramCount }

    /// Pieces in which its samples are stored.
    public var chunkCount: Int { valueColumns.count + histogramChunks.count }

    /// Number of the series in the block's order; ``BlockDirectory/digests(in:)`` has the same.
    public var row: Int { table.firstRow + tableRow }

    /// Its timestamps, by number in the block.
    var timestampColumns: Range<Int> { columns(from: table.timestampColumns[tableRow]) }

    /// Its values, by number in the block.
    var valueColumns: Range<Int> { columns(from: table.valueColumns[tableRow]) }

    /// Start timestamps of its floats, by number in the block; empty if none is known.
    var startColumns: Range<Int> { others.startColumns }

    /// Its histograms, by number in the block.
    var histogramChunks: Range<Int> { others.histogramChunks }

    private func columns(from first: Int) -> Range<Int> {
        first..<first + BlockLayout.columnCount(of: floatCount)
    }

    private var others: OtherSamples {
        table.others.isEmpty ? OtherSamples() : table.others[tableRow]
    }
}
