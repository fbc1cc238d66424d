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
        out.appendStoredSigned(Int64(histogram.schema))
        out.append(histogram.resetHint.rawValue)
        append(histogram.zeroThreshold, to: &out)
        append(histogram.zeroCount, to: &out)
        append(histogram.count, to: &out)
        append(histogram.sum, to: &out)
        append(histogram.positive, to: &out)
        append(histogram.negative, to: &out)
        out.appendStoredVarint(UInt64(histogram.customBounds.count))
        for bound in histogram.customBounds { append(bound, to: &out) }
    }

    private static func append(_ buckets: Histogram.Buckets, to out: inout [UInt8]) {
        out.appendStoredVarint(UInt64(buckets.indexes.count))
        var previous: Int64?
        for index in buckets.indexes {
            if let previous {
                out.appendStoredVarint(UInt64(Int64(index) - previous - 1))
            } else {
                out.appendStoredSigned(Int64(index))
            }
            previous = Int64(index)
        }
        for count in buckets.counts { append(count, to: &out) }
    }

    private static func append(_ number: Double, to out: inout [UInt8]) {
        out.appendStoredVarint(number.bitPattern.byteSwapped)
    }

    // MARK: Reading

    /// Reads a histogram from the front of untrusted bytes.
    ///
    /// - Returns: The histogram, which is storable, and its size in bytes.
    public static func read(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HistogramBytesError) -> (histogram: Histogram, size: Int) {
        var cursor = ByteCursor(bytes)
        let histogram = try cursor.histogram()
        return (histogram, cursor.offset)
    }
}

extension ByteCursor {
    fileprivate mutating func histogram() throws(HistogramBytesError) -> Histogram {
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
        guard count <= UInt64(remaining / size), count <= UInt64(Histogram.maximumElementCount)
        else { throw .invalidField("count", offset: start) }
        return Int(count)
    }

    private mutating func number() throws(HistogramBytesError) -> Double {
        Double(bitPattern: try varint().byteSwapped)
    }
}

/// Why bytes are no histogram; offsets count from the histogram's first byte.
public typealias HistogramBytesError = StoredBytesError
