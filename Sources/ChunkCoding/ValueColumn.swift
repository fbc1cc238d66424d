public import MetricsModel

/// The values of one series' samples, bit for bit, as bytes.
///
/// The first byte holds the format version (high four bits), whether exceptions follow the body
/// (bit 3) and the encoding (low three): `0` constant · `1` integers over a power of ten · `2` XOR.
/// `docs/formats/chunk.md` has every byte.
public enum ValueColumn {
    static let version: UInt8 = 1
    private static let exceptionsFlag: UInt8 = 0x08

    // MARK: Writing

    /// Appends the column to `out`, in the smallest encoding that keeps every bit.
    public static func encode(_ values: Span<Double>, into out: inout [UInt8]) {
        values.withUnsafeBufferPointer { encode($0, into: &out) }
    }

    private static func encode(_ values: UnsafeBufferPointer<Double>, into out: inout [UInt8]) {
        if isConstant(values) {
            appendConstant(values.first ?? 0, exceptions: ValueExceptions(), into: &out)
            return
        }
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: values.count) { scratch in
            scratch.initialize(repeating: 0)
            guard let integers = scratch.baseAddress else { return }
            var exceptions = ValueExceptions()
            let exponent = DecimalScaling.scale(values, into: integers, exceptions: &exceptions)
            guard let exponent else {
                appendXOR(values, scratch: scratch, into: &out)
                return
            }
            let start = out.count
            appendDecimal(scratch, exponent: exponent, exceptions: exceptions, into: &out)
            // Many exceptions can make even a narrow column longer than the plain bits.
            if exceptions.count &* 16 > values.count {
                var other: [UInt8] = []
                appendXOR(values, scratch: scratch, into: &other)
                if other.count < out.count &- start {
                    out.replaceSubrange(start..., with: other)
                }
            }
        }
    }

    private static func isConstant(_ values: UnsafeBufferPointer<Double>) -> Bool {
        guard let first = values.first?.bitPattern else { return true }
        // Most columns that are not constant show it at once.
        guard values[values.count &- 1].bitPattern == first else { return false }
        return values.allSatisfy { $0.bitPattern == first }
    }

    private static func appendHeader(
        _ encoding: Encoding,
        exceptions: ValueExceptions,
        into out: inout [UInt8]
    ) {
        let flag = exceptions.isEmpty ? 0 : exceptionsFlag
        out.append(version &<< 4 | flag | encoding.rawValue)
    }

    /// Appends one pattern, bytes swapped so that a round number's zeros are left out.
    private static func appendConstant(
        _ value: Double,
        exceptions: ValueExceptions,
        into out: inout [UInt8]
    ) {
        appendHeader(.constant, exceptions: exceptions, into: &out)
        out.appendVarint(value.bitPattern.byteSwapped)
        if !exceptions.isEmpty { exceptions.encode(into: &out) }
    }

    private static func appendDecimal(
        _ integers: UnsafeMutableBufferPointer<Int64>,
        exponent: Int,
        exceptions: ValueExceptions,
        into out: inout [UInt8]
    ) {
        var union: Int64 = 0
        var differs: Int64 = 0
        for integer in integers {
            union |= integer
            differs |= integer ^ integers[0]
        }
        guard differs != 0 else {
            let value = Double(integers[0]) / DecimalScaling.powers[exponent]
            appendConstant(value, exceptions: exceptions, into: &out)
            return
        }
        let shift = union.trailingZeroBitCount
        if shift > 0 {
            for index in integers.indices { integers[index] &>>= Int64(shift) }
        }
        let order = DeltaColumn.bestOrder(of: integers, allowsNone: true)
        appendHeader(.decimal, exceptions: exceptions, into: &out)
        out.append(UInt8(exponent))
        out.append(order.rawValue &<< 6 | UInt8(shift))
        DeltaColumn.encode(integers, order: order, into: &out)
        if !exceptions.isEmpty { exceptions.encode(into: &out) }
    }

    private static func appendXOR(
        _ values: UnsafeBufferPointer<Double>,
        scratch: UnsafeMutableBufferPointer<Int64>,
        into out: inout [UInt8]
    ) {
        var exceptions = ValueExceptions()
        var previous = values.first { $0.isFinite } ?? 0
        for index in values.indices {
            if values[index].isFinite {
                previous = values[index]
            } else {
                exceptions.append(index: index, bits: values[index].bitPattern)
            }
            scratch[index] = Int64(bitPattern: previous.bitPattern)
        }
        appendHeader(.xor, exceptions: exceptions, into: &out)
        XORFrames.encode(scratch, into: &out)
        if !exceptions.isEmpty { exceptions.encode(into: &out) }
    }

    // MARK: Reading

    /// Appends the column's values to `out`; on an error, `out` is as it was.
    ///
    /// - Parameters:
    ///   - bytes: The whole column and nothing after it. Not trusted.
    ///   - count: How many values the column holds, bounded by the caller: it is allocated.
    ///   - needed: With ``NeededValues/markers``, a column that can have none is not taken apart.
    public static func decode(
        _ bytes: Span<UInt8>,
        count: Int,
        needed: NeededValues = .all,
        into out: inout [Double]
    ) throws(ChunkError) {
        let start = out.count
        guard needed == .all || mayHaveMarkers(bytes) else {
            out.append(contentsOf: repeatElement(0, count: count))
            return
        }
        out.append(contentsOf: repeatElement(0, count: count))
        do throws(ChunkError) {
            try bytes.withUnsafeBytes { (input) throws(ChunkError) in
                try out.withUnsafeMutableBufferPointer { (target) throws(ChunkError) in
                    var reader = ColumnReader(input)
                    let rest = UnsafeMutableBufferPointer(rebasing: target[start...])
                    try decode(&reader, into: rest)
                    try reader.finish()
                }
            }
        } catch {
            out.removeLast(out.count &- start)
            throw error
        }
    }

    /// Whether any value may be a staleness marker, as far as the header tells.
    ///
    /// Only constant columns have values that are not finite without listing them as exceptions.
    private static func mayHaveMarkers(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0 else { return true }
        let header = bytes[0]
        let encoding = Encoding(rawValue: header & 0x07)
        return header &>> 4 != version || header & exceptionsFlag != 0
            || (encoding != .decimal && encoding != .xor)
    }

    /// Reads a column that fills `out`.
    static func decode(
        _ reader: inout ColumnReader,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(ChunkError) {
        let header = try reader.byte()
        guard header &>> 4 == version else {
            throw .unsupportedVersion(found: header &>> 4, offset: 0)
        }
        guard let encoding = Encoding(rawValue: header & 0x07) else {
            throw .unknownEncoding(found: header & 0x07, offset: 0)
        }
        guard let base = out.baseAddress else {
            if encoding == .constant { _ = try reader.varint() }
            return
        }
        switch encoding {
        case .constant:
            let value = Double(bitPattern: try reader.varint().byteSwapped)
            out.update(repeating: value)
        case .decimal:
            try decodeDecimal(&reader, count: out.count, into: base)
        case .xor:
            try base.withMemoryRebound(to: Int64.self, capacity: out.count) {
                (patterns) throws(ChunkError) in
                try XORFrames.decode(&reader, count: out.count, into: patterns)
            }
        }
        if header & exceptionsFlag != 0 {
            try ValueExceptions.apply(&reader, count: out.count, to: base)
        }
    }

    private static func decodeDecimal(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Double>
    ) throws(ChunkError) {
        let exponent = try reader.byte()
        guard exponent <= DecimalScaling.largestExponent else {
            throw .invalidField(.exponent, found: UInt64(exponent), offset: 1)
        }
        let form = try reader.byte()
        guard let order = DeltaOrder(rawValue: form &>> 6) else {
            throw .invalidField(.deltaOrder, found: UInt64(form &>> 6), offset: 2)
        }
        let shift = Int64(form & 0x3F)
        // The integers are decoded where the doubles will stand: both are eight bytes.
        try out.withMemoryRebound(to: Int64.self, capacity: count) {
            (integers) throws(ChunkError) in
            try DeltaColumn.decode(&reader, order: order, count: count, into: integers)
        }
        guard exponent > 0 else {
            // Most counters; a division by 1 changes nothing, but takes its time.
            for index in 0..<count {
                out[index] = Double(Int64(bitPattern: out[index].bitPattern) &<< shift)
            }
            return
        }
        let power = DecimalScaling.powers[Int(exponent)]
        for index in 0..<count {
            let integer = Int64(bitPattern: out[index].bitPattern) &<< shift
            out[index] = Double(integer) / power
        }
    }

    private enum Encoding: UInt8 {
        case constant = 0
        case decimal = 1
        case xor = 2
    }
}
