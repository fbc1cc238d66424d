/// Encoded columns one behind the other in a single allocation.
struct ColumnArena: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each column ends.
    private var ends: [Int] = []
    /// Columns that are not held any more; numbers go on behind them.
    private var forgottenCount = 0

    /// Columns appended so far.
    var count: Int { forgottenCount + ends.count }

    subscript(column: Int) -> ArraySlice<UInt8> {
        let index = column - forgottenCount
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Lets go of all columns so far, which must not be asked for again, and keeps their memory for the next.
    mutating func forgetAll() {
        forgottenCount = count
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
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
