internal import MetricsModel

/// One label of all rows of a table: distinct values, and for each row which of them.
struct LabelColumn: Sendable {
    /// Index into ``BlockDirectory/labelNames``.
    let name: Int
    /// The page; values and indexes lie in it.
    private let bytes: [UInt8]
    /// Where the distinct values are, ascending.
    private let values: [Range<Int>]
    private let indexes: Indexes

    /// Reads a column and checks the index of every row.
    init(_ reader: inout PageReader, rowCount: Int) throws(BlockFormatError) {
        bytes = reader.bytes
        name = try reader.number(.labelNameIndex, in: 0...Int(UInt32.max))
        let count = try reader.count(.dictionaryCount, ofAtLeast: 2)
        var sizes: [Int] = []
        sizes.reserveCapacity(count)
        for _ in 0..<count {
            sizes.append(try reader.number(.valueSize, in: 1...BlockLayout.pageMaximumSize))
        }
        var values: [Range<Int>] = []
        values.reserveCapacity(count)
        for size in sizes { values.append(try reader.take(size)) }
        self.values = values
        let location = reader.location
        switch try reader.byte() {
        case 0:
            indexes = .same(try reader.number(.dictionaryIndex, in: 0...count))
        case 1:
            let range = try reader.take(rowCount)
            indexes = .bytes(start: range.lowerBound)
        case 2:
            let range = try reader.take(rowCount * 2)
            indexes = .words(start: range.lowerBound)
        case let width:
            throw .invalidField(location, .columnIndexWidth, found: UInt64(width))
        }
        for row in 0..<rowCount where index(of: row) > count {
            throw .invalidField(location, .dictionaryIndex, found: UInt64(index(of: row)))
        }
    }

    /// Number of distinct values.
    var valueCount: Int { values.count }

    /// Returns which value a row has, counted from 1; 0 where it has none.
    func index(of row: Int) -> Int {
        switch indexes {
        case .same(let index): index
        case .bytes(let start): Int(bytes[start + row])
        case .words(let start):
            Int(bytes[start + row * 2]) | Int(bytes[start + row * 2 + 1]) << 8
        }
    }

    /// Returns the value with an index of at least 1.
    func value(_ index: Int) -> ArraySlice<UInt8> {
        bytes[values[index - 1]]
    }

    /// Tests each distinct value once; element 0 is the verdict on rows without the label.
    func verdicts(of matcher: LabelMatcher) -> [Bool] {
        bytes.withUnsafeBufferPointer { bytes in
            [matcher.matchesEmpty]
                + values.map { matcher.matches(UnsafeBufferPointer(rebasing: bytes[$0])) }
        }
    }

    private enum Indexes: Sendable {
        /// All rows have the same value.
        case same(Int)
        /// One byte a row from here on.
        case bytes(start: Int)
        /// Two bytes a row from here on, the low one first.
        case words(start: Int)
    }
}
