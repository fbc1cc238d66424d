/// A run of signed integers in frames of 128, each with a reference and a bit width of its own.
///
/// A frame is: width byte (bit 7: exceptions follow) · reference as signed varint · count of
/// exceptions, if any · packed numbers above the reference · exceptions as (index byte, signed
/// varint). An exception's packed bits are zero; its full number stands in the list. All sums wrap.
enum IntegerFrames {
    static let frameCount = 128
    private static let exceptionsFlag: UInt8 = 0x80

    // MARK: Writing

    static func encode(_ values: UnsafeMutableBufferPointer<Int64>, into out: inout [UInt8]) {
        guard let base = values.baseAddress else { return }
        var start = 0
        while start < values.count {
            let count = min(frameCount, values.count &- start)
            encodeFrame(base + start, count: count, into: &out)
            start &+= count
        }
    }

    private static func encodeFrame(
        _ values: UnsafeMutablePointer<Int64>,
        count: Int,
        into out: inout [UInt8]
    ) {
        var lowest = values[0]
        var highest = values[0]
        var sum: Int64 = 0
        for index in 0..<count {
            let value = values[index]
            lowest = min(lowest, value)
            highest = max(highest, value)
            sum &+= value
        }
        let span = UInt64(bitPattern: highest &- lowest)
        let width = BitPacking.width(holding: span)
        // Outliers show in a mean that is far nearer to one end than to the other.
        if width > 0, width < 56, count >= 16 {
            let aboveLowest = UInt64(bitPattern: sum &- lowest &* Int64(count))
            let belowHighest = span &* UInt64(count) &- aboveLowest
            if min(aboveLowest, belowHighest) &* 8 < span &* UInt64(count) {
                let plan = OutlierPlan(
                    values,
                    count: count,
                    lowest: lowest,
                    highest: highest,
                    outliersAreHigh: aboveLowest <= belowHighest
                )
                if let plan {
                    encodeFrame(values, count: count, with: plan, into: &out)
                    return
                }
            }
        }
        out.append(UInt8(width))
        out.appendSignedVarint(lowest)
        BitPacking.pack(values, count: count, above: lowest, width: width, into: &out)
    }

    /// Writes a frame with exceptions; overwrites these in `values` by the reference.
    private static func encodeFrame(
        _ values: UnsafeMutablePointer<Int64>,
        count: Int,
        with plan: OutlierPlan,
        into out: inout [UInt8]
    ) {
        out.append(UInt8(plan.width) | exceptionsFlag)
        out.appendSignedVarint(plan.reference)
        out.append(UInt8(plan.exceptionCount))
        var exceptions: [UInt8] = []
        for index in 0..<count where !plan.covers(values[index]) {
            exceptions.append(UInt8(index))
            exceptions.appendSignedVarint(values[index])
            values[index] = plan.reference
        }
        BitPacking.pack(values, count: count, above: plan.reference, width: plan.width, into: &out)
        out.append(contentsOf: exceptions)
    }

    // MARK: Reading

    /// Reads exactly `count` integers to `out`.
    static func decode(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        var start = 0
        while start < count {
            let frame = min(frameCount, count &- start)
            try decodeFrame(&reader, count: frame, into: out + start)
            start &+= frame
        }
    }

    private static func decodeFrame(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        let offset = reader.offset
        let header = try reader.byte()
        let width = Int(header & ~exceptionsFlag)
        guard BitPacking.isValid(width: width) else {
            throw .invalidField(.bitWidth, found: UInt64(header), offset: offset)
        }
        let reference = try reader.signedVarint()
        var exceptionCount = 0
        if header & exceptionsFlag != 0 {
            exceptionCount = Int(try reader.byte())
            guard exceptionCount <= count else {
                throw .invalidField(
                    .exceptionCount,
                    found: UInt64(exceptionCount),
                    offset: reader.offset &- 1
                )
            }
        }
        try unpack(&reader, count: count, above: reference, width: width, into: out)
        for _ in 0..<exceptionCount {
            let index = Int(try reader.byte())
            guard index < count else {
                throw .invalidField(
                    .exceptionIndex,
                    found: UInt64(index),
                    offset: reader.offset &- 1
                )
            }
            out[index] = try reader.signedVarint()
        }
    }

    /// Reads `count` (at most 128) packed numbers above `reference`.
    static func unpack(
        _ reader: inout ColumnReader,
        count: Int,
        above reference: Int64,
        width: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        let size = BitPacking.byteCount(of: count, width: width)
        // The unpacker loads eight bytes at a time and may look past the frame, not past the bytes.
        let isPadded = reader.canLoad(size &+ 8)
        let packed = try reader.take(size)
        guard let base = packed.baseAddress, size > 0 else {
            out.update(repeating: reference, count: count)
            return
        }
        guard !isPadded else {
            BitPacking.unpack(base, count: count, above: reference, width: width, into: out)
            return
        }
        func unpackCopy(_ scratch: UnsafeMutableRawBufferPointer) {
            guard let copy = scratch.baseAddress else { return }
            scratch.copyMemory(from: packed)
            (copy + size).initializeMemory(as: UInt8.self, repeating: 0, count: 8)
            BitPacking.unpack(copy, count: count, above: reference, width: width, into: out)
        }
        // Up to 1024 bytes are taken from the stack; only frames of the widest values need more.
        if size <= 1016 {
            withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8, unpackCopy)
        } else {
            withUnsafeTemporaryAllocation(
                byteCount: frameCount &* 8 &+ 8,
                alignment: 8,
                unpackCopy
            )
        }
    }
}
