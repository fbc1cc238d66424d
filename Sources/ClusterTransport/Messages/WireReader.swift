internal import MetricsModel

/// Reads fields of a message in order; every read checks what is left first.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    /// Offset of the next field.
    private(set) var offset = 0

    /// Whether the message is of the version after ours.
    var isNewer = false

    /// The bytes must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var left: Int { bytes.count - offset }

    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type = Integer.self
    ) throws(WireError) -> Integer {
        let field = try take(MemoryLayout<Integer>.size)
        return Integer(littleEndian: field.loadUnaligned(as: Integer.self))
    }

    /// A count of items of which each takes at least `minimumSize` bytes: one that cannot fit into what is
    /// left is refused before anything is allocated for it.
    mutating func count(itemsOfAtLeast minimumSize: Int) throws(WireError) -> Int {
        let count = Int(try integer(UInt32.self))
        try check(count, itemsOfAtLeast: minimumSize)
        return count
    }

    func check(_ count: Int, itemsOfAtLeast minimumSize: Int) throws(WireError) {
        // Both factors are below 2³², so that the product fits.
        guard count * minimumSize <= left else {
            throw .truncated(offset: offset, needed: count * minimumSize, left: left)
        }
    }

    mutating func bytes(_ count: Int) throws(WireError) -> [UInt8] { [UInt8](try take(count)) }

    /// An array of fixed-size values as they lie in memory.
    mutating func column<Value: BitwiseCopyable>(
        _ count: Int,
        of type: Value.Type = Value.self
    ) throws(WireError) -> [Value] {
        try check(count, itemsOfAtLeast: MemoryLayout<Value>.stride)
        let source = try take(count * MemoryLayout<Value>.stride)
        return [Value](unsafeUninitializedCapacity: count) { target, initialized in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
            initialized = count
        }
    }

    /// What ``WireWriter/column(_:from:as:)`` writes; a sum past the end of time wraps round: a wrong time,
    /// but not a trap.
    mutating func column<Narrow: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int,
        from base: Int64,
        as type: Narrow.Type
    ) throws(WireError) -> [Int64] {
        let size = MemoryLayout<Narrow>.size
        try check(count, itemsOfAtLeast: size)
        let source = try take(count * size)
        return [Int64](unsafeUninitializedCapacity: count) { target, initialized in
            for index in 0..<count {
                let narrow = source.loadUnaligned(fromByteOffset: index * size, as: Narrow.self)
                target[index] = base &+ Int64(truncatingIfNeeded: Narrow(littleEndian: narrow))
            }
            initialized = count
        }
    }

    mutating func fingerprints(_ count: Int) throws(WireError) -> [Fingerprint] {
        try check(count, itemsOfAtLeast: 16)
        let source = try take(count * 16)
        return (0..<count).map { row in
            Fingerprint(
                high: UInt64(
                    littleEndian: source.loadUnaligned(fromByteOffset: row * 16, as: UInt64.self)
                ),
                low: UInt64(
                    littleEndian: source.loadUnaligned(
                        fromByteOffset: row * 16 + 8,
                        as: UInt64.self
                    )
                )
            )
        }
    }

    /// A tenant's name; what cannot be one is refused.
    mutating func tenant(size: Int) throws(WireError) -> TenantID {
        guard let name = String(validating: try take(size), as: UTF8.self) else {
            throw .invalidText("tenant")
        }
        do throws(TenantError) { return try TenantID(name) } catch { throw .invalidTenant(error) }
    }

    mutating func text(_ field: String) throws(WireError) -> String {
        let size = Int(try integer(UInt32.self))
        guard let text = String(validating: try take(size), as: UTF8.self) else {
            throw .invalidText(field)
        }
        return text
    }

    /// Refuses bytes after the last field.
    func finish() throws(WireError) {
        guard left == 0 else { throw .trailingBytes(left) }
    }

    private mutating func take(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
        guard count <= left else { throw .truncated(offset: offset, needed: count, left: left) }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}
