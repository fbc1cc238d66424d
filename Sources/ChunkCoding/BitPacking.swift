/// Numbers of one width in bits, laid end to end from the lowest bit of the first byte.
///
/// Widths are 0 … 57 or 64: up to 57 bits a number lies in one unaligned 64-bit load, wider ones
/// take eight whole bytes.
enum BitPacking {
    /// Widest number that lies within eight bytes wherever in a byte it starts.
    static let widestPacked = 57

    /// Returns the smallest allowed width that holds `largest`.
    static func width(holding largest: UInt64) -> Int {
        let bits = 64 &- largest.leadingZeroBitCount
        return bits > widestPacked ? 64 : bits
    }

    static func isValid(width: Int) -> Bool {
        (0...widestPacked).contains(width) || width == 64
    }

    static func byteCount(of count: Int, width: Int) -> Int {
        (count &* width &+ 7) &>> 3
    }

    /// Appends `count` numbers less `reference`, each of which must fit `width` bits.
    static func pack(
        _ values: UnsafePointer<Int64>,
        count: Int,
        above reference: Int64,
        width: Int,
        into out: inout [UInt8]
    ) {
        guard width > 0, count > 0 else { return }
        let size = byteCount(of: count, width: width)
        let start = out.count
        out.append(contentsOf: repeatElement(0, count: size))
        out.withUnsafeMutableBytes { whole in
            guard let base = whole.baseAddress else { return }
            let target = base + start
            if width <= widestPacked {
                packNarrow(values, count: count, above: reference, width: width, into: target)
                return
            }
            for index in 0..<count {
                let value = UInt64(bitPattern: values[index] &- reference)
                target.storeBytes(of: value.littleEndian, toByteOffset: index &* 8, as: UInt64.self)
            }
        }
    }

    /// Writes exactly ``byteCount(of:width:)`` bytes; the width is 1 … 57.
    @inline(__always)
    private static func packNarrow(
        _ values: UnsafePointer<Int64>,
        count: Int,
        above reference: Int64,
        width: Int,
        into start: UnsafeMutableRawPointer
    ) {
        var target = start
        var word: UInt64 = 0
        var filled = 0
        for index in 0..<count {
            let value = UInt64(bitPattern: values[index] &- reference)
            word |= value &<< UInt64(truncatingIfNeeded: filled)
            filled &+= width
            guard filled >= 64 else { continue }
            target.storeBytes(of: word.littleEndian, as: UInt64.self)
            target += 8
            filled &-= 64
            // At most 57 of the value's bits are in the stored word, so the shift is below 64.
            word = value &>> UInt64(truncatingIfNeeded: width &- filled)
        }
        while filled > 0 {
            target.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
            target += 1
            word &>>= 8
            filled &-= 8
        }
    }

    /// Writes `count` numbers plus `reference` to `out`.
    ///
    /// - Parameters:
    ///   - packed: At least eight readable bytes longer than the packed numbers.
    ///   - width: A valid width.
    static func unpack(
        _ packed: UnsafeRawPointer,
        count: Int,
        above reference: Int64,
        width: Int,
        into out: UnsafeMutablePointer<Int64>
    ) {
        switch width {
        case 0:
            out.update(repeating: reference, count: count)
        case 64:
            for index in 0..<count {
                let word = packed.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
                out[index] = Int64(littleEndian: word) &+ reference
            }
        default:
            let mask = (1 &<< Int64(width)) &- 1
            var bit = 0
            for index in 0..<count {
                let word = packed.loadUnaligned(fromByteOffset: bit &>> 3, as: Int64.self)
                let value = (Int64(littleEndian: word) &>> Int64(bit & 7)) & mask
                out[index] = value &+ reference
                bit &+= width
            }
        }
    }
}
