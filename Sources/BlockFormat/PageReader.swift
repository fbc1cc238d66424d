internal import MetricsModel

/// Reads the fields of one page, checking each before it touches or allocates anything.
struct PageReader {
    let bytes: [UInt8]
    private let section: BlockSection
    private let page: Int
    /// Bytes read so far.
    private(set) var offset: Int
    /// Where reading ends.
    private let end: Int

    init(_ bytes: [UInt8], section: BlockSection, page: Int) {
        self.init(bytes, within: 0..<bytes.count, section: section, page: page)
    }

    /// Reads a part of a page; offsets still count from the page's first byte.
    init(_ bytes: [UInt8], within range: Range<Int>, section: BlockSection, page: Int) {
        self.bytes = bytes
        self.section = section
        self.page = page
        offset = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - offset }

    var location: BlockLocation { BlockLocation(section: section, page: page, offset: offset) }

    mutating func byte() throws(BlockFormatError) -> UInt8 {
        try require(1)
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func varint() throws(BlockFormatError) -> UInt64 {
        let start = location
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else {
                throw .invalidField(start, .varint, found: UInt64(next))
            }
            value |= UInt64(next & 0x7F) << shift
            guard next >= 0x80 else { return value }
            shift += 7
        }
    }

    mutating func signedVarint() throws(BlockFormatError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }

    /// Reads a number that counts something and must be in `range`.
    mutating func number(
        _ field: BlockFormatError.Field,
        in range: ClosedRange<Int>
    ) throws(BlockFormatError) -> Int {
        let start = location
        let found = try varint()
        guard let value = Int(exactly: found), range.contains(value) else {
            throw .invalidField(start, field, found: found)
        }
        return value
    }

    /// Reads the count of things that take at least `size` bytes each from here on.
    mutating func count(
        _ field: BlockFormatError.Field,
        ofAtLeast size: Int
    ) throws(BlockFormatError) -> Int {
        let start = location
        let count = try number(field, in: 0...BlockLayout.directoryMaximumSize)
        guard count * size <= remaining else {
            throw .invalidField(start, field, found: UInt64(count))
        }
        return count
    }

    mutating func fixed<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type
    ) throws(BlockFormatError) -> Number {
        let range = try take(Number.bitWidth / 8)
        return range.reversed().reduce(0) { $0 << 8 | Number(bytes[$1]) }
    }

    /// Passes over `size` bytes, which is not negative, and returns where they are.
    mutating func take(_ size: Int) throws(BlockFormatError) -> Range<Int> {
        try require(size)
        defer { offset += size }
        return offset..<(offset + size)
    }

    /// Passes over bytes that stand behind their count.
    mutating func sized(_ field: BlockFormatError.Field) throws(BlockFormatError) -> Range<Int> {
        let start = location
        let size = try varint()
        guard size <= UInt64(remaining) else { throw .invalidField(start, field, found: size) }
        return try take(Int(size))
    }

    mutating func exemplar(after base: Int64) throws(BlockFormatError) -> Exemplar {
        try stored { (bytes) throws(StoredBytesError) in
            try ExemplarBytes.read(bytes, after: base)
        }
    }

    mutating func metadata() throws(BlockFormatError) -> MetricMetadata {
        try stored { (bytes) throws(StoredBytesError) in try MetadataBytes.read(bytes) }
    }

    /// Reads a value of a size of its own from what is left.
    private mutating func stored<Value>(
        _ read: (UnsafeRawBufferPointer) throws(StoredBytesError) -> (Value, Int)
    ) throws(BlockFormatError) -> Value {
        let range = offset..<end
        let found = bytes.withUnsafeBytes { bytes in
            Result { () throws(StoredBytesError) in
                try read(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        }
        do throws(StoredBytesError) {
            let (value, size) = try found.get()
            offset += size
            return value
        } catch {
            throw .damagedValue(location, error)
        }
    }

    /// Refuses bytes after the last field.
    func finish() throws(BlockFormatError) {
        guard remaining == 0 else { throw .trailingBytes(location, count: remaining) }
    }

    private func require(_ size: Int) throws(BlockFormatError) {
        guard remaining >= size else {
            throw .truncated(location, needed: size, available: remaining)
        }
    }
}
