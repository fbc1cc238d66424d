/// One histogram as bytes, bit for bit, for log records and messages.
///
/// Schema as signed varint · reset hint u8 · zero threshold, zero count, count, sum · positive and negative
/// buckets · custom bounds. A number is the varint of its bits with the eight bytes reversed, so that a
/// small whole number takes three bytes. Buckets: how many as varint, their indexes, their counts; the first index is a
/// signed varint, each other one the varint of the free indexes before it. Bounds: how many as varint,
/// then the numbers.
public enum HistogramBytes {
    /// The least bytes that a histogram takes.
    public static let minimumSize = 9

    // MARK: Writing

    /// - Precondition: The histogram is ``Histogram/isStorable``.
    public static func append(_ histogram: Histogram, to out: inout [UInt8]) {
        precondition(histogram.isStorable, "a histogram that no encoding can hold")
        appendSigned(Int64(histogram.schema), to: &out)
        out.append(histogram.resetHint.rawValue)
        append(histogram.zeroThreshold, to: &out)
        append(histogram.zeroCount, to: &out)
        append(histogram.count, to: &out)
        append(histogram.sum, to: &out)
        append(histogram.positive, to: &out)
        append(histogram.negative, to: &out)
        appendVarint(UInt64(histogram.customBounds.count), to: &out)
        for bound in histogram.customBounds { append(bound, to: &out) }
    }

    private static func append(_ buckets: Histogram.Buckets, to out: inout [UInt8]) {
        appendVarint(UInt64(buckets.indexes.count), to: &out)
        var previous: Int64?
        for index in buckets.indexes {
            if let previous {
                appendVarint(UInt64(Int64(index) - previous - 1), to: &out)
            } else {
                appendSigned(Int64(index), to: &out)
            }
            previous = Int64(index)
        }
        for count in buckets.counts { append(count, to: &out) }
    }

    private static func append(_ number: Double, to out: inout [UInt8]) {
        appendVarint(number.bitPattern.byteSwapped, to: &out)
    }

    private static func appendSigned(_ value: Int64, to out: inout [UInt8]) {
        appendVarint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)), to: &out)
    }

    private static func appendVarint(_ value: UInt64, to out: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        out.append(UInt8(truncatingIfNeeded: rest))
    }

    // MARK: Reading

    /// Reads a histogram from the front of untrusted bytes.
    ///
    /// - Returns: The histogram, which is storable, and its size in bytes.
    public static func read(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HistogramBytesError) -> (histogram: Histogram, size: Int) {
        var cursor = Cursor(bytes: bytes)
        let histogram = try cursor.histogram()
        return (histogram, cursor.offset)
    }

    private struct Cursor {
        let bytes: UnsafeRawBufferPointer
        var offset = 0

        mutating func histogram() throws(HistogramBytesError) -> Histogram {
            var histogram = Histogram()
            let schema = try signed()
            guard let known = Int8(exactly: schema), Histogram.isKnown(schema: known) else {
                throw .invalidField("schema", offset: offset)
            }
            histogram.schema = known
            guard let hint = Histogram.ResetHint(rawValue: try byte()) else {
                throw .invalidField("resetHint", offset: offset)
            }
            histogram.resetHint = hint
            histogram.zeroThreshold = try number()
            histogram.zeroCount = try number()
            histogram.count = try number()
            histogram.sum = try number()
            histogram.positive = try buckets()
            histogram.negative = try buckets()
            for _ in 0..<(try count(itemsOfAtLeast: 1)) {
                histogram.customBounds.append(try number())
            }
            guard histogram.elementCount <= Histogram.maximumElementCount else {
                throw .invalidField("elementCount", offset: offset)
            }
            return histogram
        }

        private mutating func buckets() throws(HistogramBytesError) -> Histogram.Buckets {
            let count = try count(itemsOfAtLeast: 2)
            var indexes: [Int32] = []
            indexes.reserveCapacity(count)
            for _ in 0..<count {
                let start = offset
                let next: Int64
                if let last = indexes.last {
                    let gap = try varint()
                    guard gap <= UInt64(UInt32.max) else {
                        throw .invalidField("index", offset: start)
                    }
                    next = Int64(last) + Int64(gap) + 1
                } else {
                    next = try signed()
                }
                guard let index = Int32(exactly: next) else {
                    throw .invalidField("index", offset: start)
                }
                indexes.append(index)
            }
            var counts: [Double] = []
            counts.reserveCapacity(count)
            for _ in 0..<count { counts.append(try number()) }
            return Histogram.Buckets(indexes: indexes, counts: counts)
        }

        private mutating func count(itemsOfAtLeast size: Int) throws(HistogramBytesError) -> Int {
            let start = offset
            let count = try varint()
            guard count <= UInt64((bytes.count - offset) / size),
                count <= UInt64(Histogram.maximumElementCount)
            else { throw .invalidField("count", offset: start) }
            return Int(count)
        }

        private mutating func number() throws(HistogramBytesError) -> Double {
            Double(bitPattern: try varint().byteSwapped)
        }

        private mutating func signed() throws(HistogramBytesError) -> Int64 {
            let value = try varint()
            return Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1)))
        }

        private mutating func varint() throws(HistogramBytesError) -> UInt64 {
            let start = offset
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                let next = try byte()
                guard shift < 63 || next <= 1 else {
                    throw .invalidField("varint", offset: start)
                }
                value |= UInt64(next & 0x7f) &<< shift
                guard next >= 0x80 else { return value }
                shift &+= 7
            }
        }

        private mutating func byte() throws(HistogramBytesError) -> UInt8 {
            guard offset < bytes.count else { throw .truncated(offset: offset) }
            defer { offset += 1 }
            return bytes[offset]
        }
    }
}

/// Why bytes are no histogram; offsets count from the histogram's first byte.
public enum HistogramBytesError: Error, Equatable, Sendable {
    case truncated(offset: Int)
    /// The field that ends, or begins, at the offset holds what no writer produces.
    case invalidField(String, offset: Int)
}
