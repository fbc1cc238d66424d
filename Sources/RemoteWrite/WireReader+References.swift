extension WireReader {
    /// Appends the numbers of symbols in a packed field, or the one of a field that is not packed.
    ///
    /// - Parameters:
    ///   - symbolCount: Symbols that there are; every number is below it.
    ///   - limit: How many numbers all fields together may hold.
    @inline(__always)
    mutating func references(
        _ field: UInt32,
        _ type: UInt8,
        symbolCount: Int,
        limit: Int,
        into references: inout [UInt32]
    ) throws(WireError) {
        guard type == WireType.lengthDelimited else {
            try expect(WireType.varint, found: type, field: field)
            try reference(symbolCount: symbolCount, limit: limit, into: &references)
            return
        }
        let outerEnd = end
        end = try lengthDelimitedEnd()
        while !isAtEnd {
            try reference(symbolCount: symbolCount, limit: limit, into: &references)
        }
        end = outerEnd
    }

    @inline(__always)
    private mutating func reference(
        symbolCount: Int,
        limit: Int,
        into references: inout [UInt32]
    ) throws(WireError) {
        let start = position
        let number = try shortVarint()
        guard number < UInt64(symbolCount) else {
            throw WireError(
                .symbolOutOfRange(reference: number, count: symbolCount),
                at: start
            )
        }
        guard references.count < limit else {
            throw WireError(.tooManyLabels(limit: limit / 2), at: start)
        }
        references.append(UInt32(truncatingIfNeeded: number))
    }
}
