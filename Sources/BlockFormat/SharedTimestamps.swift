/// Timestamp columns that several of the selected series have, decoded once for all of them.
///
/// The series of one scrape share their columns, so these are few, and copying one takes a tenth of decoding it.
struct SharedTimestamps: Sendable {
    /// A column in use.
    private struct Column: Sendable {
        var uses: Int32 = 0
        /// How many timestamps it has, as its first series says.
        var count: Int32 = 0
    }

    /// By number, from ``first`` on; empty once decoded.
    private var columns: [Column] = []
    /// The timestamps by number, from ``first`` on; empty where a column is not kept.
    private var decoded: [[Int64]] = []
    /// The lowest number in use.
    private var first = 0
    /// Bytes of all timestamps that are kept.
    private(set) var size = 0

    /// Bytes to keep at most; series with columns of their own gain nothing.
    private static let maximumSize = 8 << 20
    /// Columns that the numbers of a selection may span.
    private static let maximumSpan = 1 << 16

    /// - Parameter series: Whose columns exist.
    init(of series: [BlockSeries]) {
        var lowest = Int.max
        var end = 0
        for one in series {
            let range = one.timestampColumns
            guard !range.isEmpty else { continue }
            lowest = min(lowest, range.lowerBound)
            end = max(end, range.upperBound)
        }
        guard lowest < end, end - lowest <= Self.maximumSpan else { return }
        first = lowest
        columns = [Column](repeating: Column(), count: end - lowest)
        for one in series {
            var rest = one.floatCount
            for number in one.timestampColumns {
                columns[number - first].uses += 1
                columns[number - first].count = Int32(min(rest, BlockLayout.samplesPerColumn))
                rest -= BlockLayout.samplesPerColumn
            }
        }
    }

    /// Decodes the columns that are used more than once.
    ///
    /// One that cannot be decoded is left out: whoever reads it finds the error.
    ///
    /// - Parameter decode: Appends a column of so many timestamps.
    mutating func decode(
        _ decode: (_ column: Int, _ count: Int, _ target: inout [Int64]) throws(BlockFormatError)
            -> Void
    ) {
        decoded = [[Int64]](repeating: [], count: columns.count)
        for (index, column) in columns.enumerated() where column.uses > 1 {
            let added = Int(column.count) * MemoryLayout<Int64>.stride
            guard size + added <= Self.maximumSize else { break }
            var target: [Int64] = []
            target.reserveCapacity(Int(column.count))
            guard (try? decode(first + index, Int(column.count), &target)) != nil else { continue }
            decoded[index] = target
            size += added
        }
        columns = []
    }

    /// Appends a column of so many timestamps, and says whether it is kept.
    func append(_ column: Int, count: Int, to timestamps: inout [Int64]) -> Bool {
        let index = column - first
        guard index >= 0, index < decoded.count, decoded[index].count == count, count > 0 else {
            return false
        }
        timestamps.append(contentsOf: decoded[index])
        return true
    }
}
