/// Reads fields from untrusted bytes and checks each against the end before touching it.
///
/// Lives only inside the closure that lent it the memory.
struct ColumnReader {
    private let bytes: UnsafeRawBufferPointer
    /// Bytes read so far.
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Bytes not read yet.
    var remaining: Int { bytes.count &- offset }

    @inline(__always)
    mutating func byte() throws(ChunkError) -> UInt8 {
        guard remaining > 0 else { throw truncated(needed: 1) }
        defer { offset &+= 1 }
        return bytes[offset]
    }

    mutating func fixed64() throws(ChunkError) -> UInt64 {
        guard remaining >= 8 else { throw truncated(needed: 8) }
        defer { offset &+= 8 }
        return UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        )
    }

    /// Reads a base-128 varint, least significant group first, of at most ten bytes.
    mutating func varint() throws(ChunkError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .varintTooLong(offset: start) }
            value |= UInt64(next & 0x7F) &<< shift
            guard next >= 0x80 else { return value }
            shift &+= 7
        }
    }

    /// Reads a varint that holds a signed number: 0, −1, 1, −2, … as 0, 1, 2, 3, ….
    mutating func signedVarint() throws(ChunkError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1)))
    }

    /// Lends the next `size` bytes and passes over them.
    ///
    /// - Parameter size: Not negative.
    mutating func take(_ size: Int) throws(ChunkError) -> UnsafeRawBufferPointer {
        guard remaining >= size else { throw truncated(needed: size) }
        defer { offset &+= size }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset &+ size)])
    }

    /// Says whether `size` more bytes can be loaded without passing the end.
    func canLoad(_ size: Int) -> Bool {
        remaining >= size
    }

    /// Refuses bytes after the last field.
    func finish() throws(ChunkError) {
        guard remaining == 0 else { throw .trailingBytes(count: remaining, offset: offset) }
    }

    private func truncated(needed: Int) -> ChunkError {
        .truncated(offset: offset, needed: needed, available: remaining)
    }
}
