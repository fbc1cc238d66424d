/// Bit patterns of doubles, each XORed with the one before it, in frames of 128.
///
/// After the idea of Gorilla (Pelkonen et al. 2015), with one window of bits for a whole frame, so
/// that a frame unpacks without branches. The first pattern stands whole (eight bytes); a frame is:
/// width byte (bit 7: a bitmap follows) · if the width is not 0, count of low bits left out · bitmap
/// of the patterns that differ from their neighbour, if any · their packed XORs.
enum XORFrames {
    private static let bitmapFlag: UInt8 = 0x80

    // MARK: Writing

    /// Appends the patterns; overwrites `patterns`.
    static func encode(_ patterns: UnsafeMutableBufferPointer<Int64>, into out: inout [UInt8]) {
        guard let base = patterns.baseAddress, patterns.count > 0 else { return }
        out.appendFixed64(UInt64(bitPattern: base[0]))
        var index = patterns.count &- 1
        while index > 0 {
            base[index] ^= base[index &- 1]
            index &-= 1
        }
        var start = 1
        while start < patterns.count {
            let count = min(IntegerFrames.frameCount, patterns.count &- start)
            encodeFrame(base + start, count: count, into: &out)
            start &+= count
        }
    }

    private static func encodeFrame(
        _ patterns: UnsafeMutablePointer<Int64>,
        count: Int,
        into out: inout [UInt8]
    ) {
        var union: Int64 = 0
        var changes = 0
        for index in 0..<count {
            union |= patterns[index]
            changes &+= patterns[index] == 0 ? 0 : 1
        }
        guard union != 0 else {
            out.append(0)
            return
        }
        var trailing = union.trailingZeroBitCount
        let width = BitPacking.width(holding: UInt64(bitPattern: union) &>> UInt64(trailing))
        if width == 64 { trailing = 0 }
        let hasBitmap = (count &- changes) &* width > count &+ 8
        out.append(UInt8(width) | (hasBitmap ? bitmapFlag : 0))
        out.append(UInt8(trailing))
        for index in 0..<count {
            patterns[index] = Int64(
                bitPattern: UInt64(bitPattern: patterns[index]) &>> UInt64(trailing)
            )
        }
        if hasBitmap { appendBitmap(patterns, count: count, into: &out) }
        BitPacking.pack(
            patterns,
            count: hasBitmap ? changes : count,
            above: 0,
            width: width,
            into: &out
        )
    }

    /// Appends one bit for each number, set if it is not 0, and moves these together in place.
    private static func appendBitmap(
        _ numbers: UnsafeMutablePointer<Int64>,
        count: Int,
        into out: inout [UInt8]
    ) {
        var kept = 0
        var byte: UInt8 = 0
        for index in 0..<count {
            let number = numbers[index]
            if number != 0 {
                byte |= 1 &<< UInt8(index & 7)
                numbers[kept] = number
                kept &+= 1
            }
            guard index & 7 == 7 || index == count &- 1 else { continue }
            out.append(byte)
            byte = 0
        }
    }

    // MARK: Reading

    /// Reads exactly `count` patterns to `out`.
    static func decode(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        guard count > 0 else { return }
        out[0] = Int64(bitPattern: try reader.fixed64())
        var start = 1
        while start < count {
            let frame = min(IntegerFrames.frameCount, count &- start)
            try decodeFrame(&reader, count: frame, into: out + start)
            start &+= frame
        }
        var pattern = out[0]
        for index in 1..<max(count, 1) {
            pattern ^= out[index]
            out[index] = pattern
        }
    }

    private static func decodeFrame(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        let offset = reader.offset
        let header = try reader.byte()
        let width = Int(header & ~bitmapFlag)
        guard BitPacking.isValid(width: width), width > 0 || header == 0 else {
            throw .invalidField(.bitWidth, found: UInt64(header), offset: offset)
        }
        guard width > 0 else {
            out.update(repeating: 0, count: count)
            return
        }
        let trailing = try reader.byte()
        guard Int(trailing) &+ width <= 64 else {
            throw .invalidField(.trailingBits, found: UInt64(trailing), offset: offset &+ 1)
        }
        if header & bitmapFlag == 0 {
            try IntegerFrames.unpack(&reader, count: count, above: 0, width: width, into: out)
        } else {
            try unpackSparse(&reader, count: count, width: width, into: out)
        }
        for index in 0..<count { out[index] &<<= Int64(trailing) }
    }

    /// Reads a bitmap and the numbers whose bit is set; the others are 0.
    private static func unpackSparse(
        _ reader: inout ColumnReader,
        count: Int,
        width: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        let bitmap = try reader.take((count &+ 7) &>> 3)
        var bits = 0
        for index in 0..<count { bits &+= Int(bitmap[index &>> 3] &>> UInt8(index & 7)) & 1 }
        try IntegerFrames.unpack(&reader, count: bits, above: 0, width: width, into: out)
        // From the back, so that no number is overwritten before it has moved to its place.
        var index = count
        while index > 0 {
            index &-= 1
            if bitmap[index &>> 3] &>> UInt8(index & 7) & 1 != 0 {
                bits &-= 1
                out[index] = out[bits]
            } else {
                out[index] = 0
            }
        }
    }
}
