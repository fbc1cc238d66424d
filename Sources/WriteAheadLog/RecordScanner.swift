internal import MetricsModel

/// Reads fields from untrusted bytes and checks each against the end before touching it.
///
/// Lives only inside the closure that lent it the memory.
struct RecordScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count &- offset }

    mutating func byte() throws(LogRecordError) -> UInt8 {
        guard remaining > 0 else { throw truncated(needed: 1) }
        defer { offset &+= 1 }
        return bytes[offset]
    }

    mutating func fixed64() throws(LogRecordError) -> UInt64 {
        guard remaining >= 8 else { throw truncated(needed: 8) }
        defer { offset &+= 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    mutating func varint() throws(LogRecordError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .varintTooLong(offset: start) }
            value |= UInt64(next & 0x7f) &<< shift
            guard next >= 0x80 else { return value }
            shift &+= 7
        }
    }

    mutating func signedVarint() throws(LogRecordError) -> Int64 { ZigZag.decode(try varint()) }

    /// What is left to read.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[offset...]) }

    /// Passes over bytes of ``rest`` that were read.
    mutating func skip(_ size: Int) { offset &+= size }

    /// Reads a histogram.
    mutating func histogram() throws(LogRecordError) -> Histogram {
        do throws(HistogramBytesError) {
            let (histogram, size) = try HistogramBytes.read(rest)
            offset &+= size
            return histogram
        } catch {
            throw .invalidHistogram(error, offset: offset)
        }
    }

    /// Reads a length and lends as many bytes.
    mutating func lengthPrefixed() throws(LogRecordError) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(remaining) else {
            throw truncated(needed: Int(clamping: length))
        }
        let start = offset
        offset &+= Int(length)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    /// Reads how many items of at least `minimumSize` bytes follow, and refuses more than can.
    mutating func count(minimumSize: UInt64) throws(LogRecordError) -> Int {
        let start = offset
        let count = try varint()
        guard count <= UInt64(remaining) / minimumSize else {
            throw .countTooLarge(count, offset: start)
        }
        return Int(count)
    }

    func finish() throws(LogRecordError) {
        guard remaining == 0 else { throw .trailingBytes(count: remaining, offset: offset) }
    }

    private func truncated(needed: Int) -> LogRecordError {
        .truncated(offset: offset, needed: needed, available: remaining)
    }
}
