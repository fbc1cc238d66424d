internal import ClusterInterface
internal import MetricsModel

extension CountedSeries: ListItem {
    static let listKind: UInt8 = 10
    /// Chunks, two times, four counts.
    static let leastSize = 40

    var encodedSize: Int {
        Self.leastSize + columns.stringEnds.count * 4 + columns.strings.count
            + columns.seriesCount * 20 + columns.labelNumbers.count * 4
    }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt64(chunkCount))
        writer.integer(range.start)
        writer.integer(range.end)
        writer.integer(UInt32(columns.labelCount))
        writer.integer(UInt32(columns.strings.count))
        writer.integer(UInt32(columns.seriesCount))
        writer.integer(UInt32(columns.labelNumbers.count))
        writer.column(columns.stringEnds)
        writer.bytes(columns.strings)
        writer.fingerprints(columns.fingerprints)
        writer.column(columns.labelEnds)
        writer.column(columns.labelNumbers)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let chunkCount = try reader.integer(UInt64.self)
        guard let chunkCount = Int(exactly: chunkCount) else {
            throw .invalidField("chunks", found: chunkCount)
        }
        let start = try reader.integer(Int64.self)
        let end = try reader.integer(Int64.self)
        let labelCount = Int(try reader.integer(UInt32.self))
        let stringSize = Int(try reader.integer(UInt32.self))
        let seriesCount = Int(try reader.integer(UInt32.self))
        let numberCount = Int(try reader.integer(UInt32.self))
        var columns = LabelColumns()
        columns.stringEnds = try reader.column(labelCount * 2)
        columns.strings = try reader.bytes(stringSize)
        columns.fingerprints = try reader.fingerprints(seriesCount)
        columns.labelEnds = try reader.column(seriesCount)
        columns.labelNumbers = try reader.column(numberCount)
        guard columns.isConsistent else { throw .inconsistentColumns }
        self.init(
            columns,
            chunkCount: chunkCount,
            range: TimeRange(start: start, end: end)
        )
    }
}
