public import MetricsModel

/// The label tables that the series of a selection lie in.
public struct BlockTables: Sendable {
    private var tables: [LabelTable] = []

    init() {}

    /// Adds a table, and returns its number.
    mutating func append(_ table: LabelTable) -> Int {
        tables.append(table)
        return tables.count - 1
    }

    /// Whether series may have labels of some names besides that of the metric.
    public func hasLabels(in names: LabelNameSet) -> Bool {
        tables.contains { $0.hasColumn(in: names) }
    }

    /// What writes the keys of series of these tables less the labels that a projection drops.
    public func keys(_ projection: LabelProjection) -> BlockSeriesKeys {
        BlockSeriesKeys(parts: tables.map { $0.parts(of: projection) })
    }
}

/// Writes the keys of a block's series, each without some labels.
///
/// Names are looked at once for each table; a series costs what its remaining labels cost.
public struct BlockSeriesKeys: Sendable {
    /// For each table what remains.
    let parts: [[LabelTable.KeyPart]]

    /// Appends the key of a series, canonical as its labels are.
    public func append(_ series: BlockSeries, to key: inout [UInt8]) {
        series.append(parts[series.tableNumber], to: &key)
    }
}
