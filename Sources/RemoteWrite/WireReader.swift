/// Reads protobuf fields in place, from `position` up to `end`.
///
/// Every read is checked against `end`, which callers narrow to the message they are in; so nesting needs no
/// stack. Offsets in errors count from the start of the bytes.
struct WireReader {
    /// Wire types that a message may hold.
    enum WireType {
        static let varint: UInt8 = 0
        static let fixed64: UInt8 = 1
        static let lengthDelimited: UInt8 = 2
        static let fixed32: UInt8 = 5
    }

    private let base: UnsafeRawPointer
    private let count: Int
    private(set) var position: Int
    /// Always inside the bytes, and never before `position`.
    var end: Int

    /// Nil where there is nothing to read.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
        self.base = base
        count = bytes.count
        position = 0
        end = count
    }

    var isAtEnd: Bool { position >= end }

    /// The next byte, which must be there.
    @inline(__always)
    var nextByte: UInt8 { base.load(fromByteOffset: position, as: UInt8.self) }

    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        if position < end {
            let byte = nextByte
            if byte < 0x80 {
                position += 1
                return UInt64(byte)
            }
        }
        return try longVarint()
    }

    /// As ``varint()``, for numbers that most often have one byte or two.
    @inline(__always)
    mutating func shortVarint() throws(WireError) -> UInt64 {
        if end - position >= 2 {
            let low = nextByte
            if low < 0x80 {
                position += 1
                return UInt64(low)
            }
            let high = base.load(fromByteOffset: position + 1, as: UInt8.self)
            if high < 0x80 {
                position += 2
                return UInt64(low & 0x7f) | UInt64(high) << 7
            }
        }
        return try varint()
    }

    /// Reads up to eight bytes with one load.
    @inline(__always)
    private mutating func longVarint() throws(WireError) -> UInt64 {
        guard end - position >= 8 else { return try varintByByte() }
        let word = UInt64(
            littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        )
        let terminators = ~word & 0x8080_8080_8080_8080
        guard terminators != 0 else { return try varintByByte() }
        position += (terminators.trailingZeroBitCount >> 3) + 1
        return Self.gather(word, terminators: terminators)
    }

    /// Joins the groups of seven bits up to the first byte without its top bit.
    @inline(__always)
    private static func gather(_ word: UInt64, terminators: UInt64) -> UInt64 {
        let upToTerminator = terminators ^ (terminators &- 1)
        var bits = word & upToTerminator & 0x7f7f_7f7f_7f7f_7f7f
        bits = (bits & 0x007f_007f_007f_007f) | ((bits >> 1) & 0x3f80_3f80_3f80_3f80)
        bits = (bits & 0x0000_3fff_0000_3fff) | ((bits >> 2) & 0x0fff_c000_0fff_c000)
        return (bits & 0x0fff_ffff) | ((bits >> 4) & 0x00ff_ffff_f000_0000)
    }

    private mutating func varintByByte() throws(WireError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < end else { throw WireError(.truncated, at: start) }
            let byte = nextByte
            // The tenth byte has room for one bit.
            guard shift < 63 || (shift == 63 && byte <= 1) else {
                throw WireError(.varintTooLong, at: start)
            }
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            guard byte >= 0x80 else { return value }
            shift += 7
        }
    }

    @inline(__always)
    mutating func tag() throws(WireError) -> (field: UInt32, type: UInt8) {
        let start = position
        let tag = try varint()
        let field = tag >> 3
        guard field >= 1, field < 1 << 29 else {
            throw WireError(.invalidFieldNumber(field), at: start)
        }
        return (UInt32(field), UInt8(tag & 7))
    }

    /// The end of the field whose length comes next, checked against ``end`` before it becomes an `Int`.
    @inline(__always)
    mutating func lengthDelimitedEnd() throws(WireError) -> Int {
        let start = position
        let length = try varint()
        let available = end - position
        guard length <= UInt64(available) else {
            throw WireError(.lengthOutOfBounds(length: length, available: available), at: start)
        }
        return position + Int(length)
    }

    @inline(__always)
    mutating func fixed64() throws(WireError) -> UInt64 {
        guard end - position >= 8 else { throw WireError(.truncated, at: position) }
        let value = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        position += 8
        return UInt64(littleEndian: value)
    }

    /// Moves on to an offset that ``lengthDelimitedEnd()`` has returned.
    @inline(__always)
    mutating func move(to offset: Int) {
        assert(offset >= position && offset <= end)
        position = offset
    }

    /// Skips the value of a field, whatever it is.
    mutating func skip(_ type: UInt8) throws(WireError) {
        switch type {
        case WireType.varint: _ = try varint()
        case WireType.fixed64: try skip(count: 8)
        case WireType.lengthDelimited: position = try lengthDelimitedEnd()
        case WireType.fixed32: try skip(count: 4)
        default: throw WireError(.unsupportedWireType(type), at: position)
        }
    }

    private mutating func skip(count: Int) throws(WireError) {
        guard end - position >= count else { throw WireError(.truncated, at: position) }
        position += count
    }

    /// Steps over fields with the given one-byte tag and lengths below 128, as long as they follow each other.
    ///
    /// What it does not take is left to ``tag()``, which finds the faults.
    @inline(__always)
    mutating func skipShortFields(tagged tag: UInt8) {
        var next = position
        while end - next >= 2, base.load(fromByteOffset: next, as: UInt8.self) == tag {
            let length = base.load(fromByteOffset: next + 1, as: UInt8.self)
            guard length < 0x80, Int(length) <= end - next - 2 else { break }
            next += 2 + Int(length)
        }
        position = next
    }

    /// The fields of a sample message as every sender writes them: value, then time, nothing else.
    ///
    /// Nil, and nothing read, where the message up to `messageEnd` is not of this form.
    @inline(__always)
    mutating func plainSample(
        upTo messageEnd: Int,
        valueTag: UInt8,
        timestampTag: UInt8
    ) -> (timestamp: UInt64, bits: UInt64)? {
        let size = messageEnd - position
        // Two tags, eight bytes of value, and a varint of up to eight bytes that one load can read; the load may
        // reach over the message's end, but not over that of all bytes.
        guard size >= 11, size <= 18, count - position >= 18, nextByte == valueTag,
            base.load(fromByteOffset: position + 9, as: UInt8.self) == timestampTag
        else { return nil }
        let bits = base.loadUnaligned(fromByteOffset: position + 1, as: UInt64.self)
        let word = UInt64(
            littleEndian: base.loadUnaligned(fromByteOffset: position + 10, as: UInt64.self)
        )
        let terminators = ~word & 0x8080_8080_8080_8080
        guard terminators.trailingZeroBitCount >> 3 == size - 11 else { return nil }
        position = messageEnd
        return (Self.gather(word, terminators: terminators), UInt64(littleEndian: bits))
    }

    /// Checks the wire type of a known field.
    @inline(__always)
    func expect(_ type: UInt8, found: UInt8, field: UInt32) throws(WireError) {
        guard type == found else {
            guard found <= 2 || found == 5 else {
                throw WireError(.unsupportedWireType(found), at: position)
            }
            throw WireError(.unexpectedWireType(field: field, found: found), at: position)
        }
    }
}
