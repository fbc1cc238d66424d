/// Encoded columns one behind the other in a single allocation.
struct ColumnArena: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each column ends.
    private var ends: [Int] = []

    var count: Int { ends.count }

    subscript(column: Int) -> ArraySlice<UInt8> {
        bytes[(column == 0 ? 0 : ends[column - 1])..<ends[column]]
    }

    /// Appends one column.
    mutating func append(encode: (_ bytes: inout [UInt8]) -> Void) {
        encode(&bytes)
        ends.append(bytes.count)
    }

    /// Cuts `sampleCount` samples and appends a column for each cut.
    mutating func append(
        _ sampleCount: Int,
        encode: (_ samples: Range<Int>, _ bytes: inout [UInt8]) -> Void
    ) {
        var start = 0
        while start < sampleCount {
            let end = min(start + BlockLayout.samplesPerColumn, sampleCount)
            encode(start..<end, &bytes)
            ends.append(bytes.count)
            start = end
        }
    }
}
