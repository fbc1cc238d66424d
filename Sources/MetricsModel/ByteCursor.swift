/// Reads fields from the front of untrusted bytes and checks each against the end before touching it.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    mutating func byte() throws(StoredBytesError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated(offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func fixed64() throws(StoredBytesError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated(offset: offset) }
        defer { offset += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    mutating func varint() throws(StoredBytesError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .invalidField("varint", offset: start) }
            value |= UInt64(next & 0x7f) &<< shift
            guard next >= 0x80 else { return value }
            shift &+= 7
        }
    }

    mutating func signed() throws(StoredBytesError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1)))
    }

    /// Reads a size of at most `limit` and lends as many bytes.
    mutating func sized(
        _ field: String,
        limit: Int
    ) throws(StoredBytesError) -> UnsafeRawBufferPointer {
        let start = offset
        let size = try varint()
        guard size <= UInt64(limit) else { throw .invalidField(field, offset: start) }
        guard size <= UInt64(remaining) else { throw .truncated(offset: offset) }
        defer { offset += Int(size) }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(size)])
    }
}

/// Why bytes are no histogram, exemplar or metadata; offsets count from the first byte of what was read.
public enum StoredBytesError: Error, Equatable, Sendable {
    case truncated(offset: Int)
    /// The field that ends, or begins, at the offset holds what no writer produces.
    case invalidField(String, offset: Int)
}

extension [UInt8] {
    /// Appends a base-128 varint, least significant group first.
    mutating func appendStoredVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number so that small magnitudes of either sign are short.
    mutating func appendStoredSigned(_ value: Int64) {
        appendStoredVarint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }
}
