internal import MetricsModel

/// Writes fields of a message in order into memory of exactly the message's size.
struct WireWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var offset = 0

    /// The memory must outlive the writer.
    init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer) {
        let target = take(MemoryLayout<Integer>.size)
        target.storeBytes(of: value.littleEndian, as: Integer.self)
    }

    mutating func bytes(_ source: some Collection<UInt8>) {
        take(source.count).copyBytes(from: source)
    }

    /// An array of fixed-size values as they lie in memory.
    mutating func column<Value: BitwiseCopyable>(_ values: [Value]) {
        values.withUnsafeBytes { take($0.count).copyMemory(from: $0) }
    }

    /// Each value in fewer bytes; the caller knows that all fit.
    mutating func column<Narrow: FixedWidthInteger & BitwiseCopyable>(
        _ values: [Int64],
        from base: Int64,
        as type: Narrow.Type
    ) {
        let target = take(values.count * MemoryLayout<Narrow>.size)
        for (index, value) in values.enumerated() {
            target.storeBytes(
                of: Narrow(truncatingIfNeeded: value &- base).littleEndian,
                toByteOffset: index * MemoryLayout<Narrow>.size,
                as: Narrow.self
            )
        }
    }

    /// 16 bytes each, the high half first.
    mutating func fingerprints(_ fingerprints: [Fingerprint]) {
        let target = take(fingerprints.count * 16)
        for (row, fingerprint) in fingerprints.enumerated() {
            target.storeBytes(
                of: fingerprint.high.littleEndian,
                toByteOffset: row * 16,
                as: UInt64.self
            )
            target.storeBytes(
                of: fingerprint.low.littleEndian,
                toByteOffset: row * 16 + 8,
                as: UInt64.self
            )
        }
    }

    /// A text with its size in front.
    mutating func text(_ text: String) {
        integer(UInt32(text.utf8.count))
        bytes(text.utf8)
    }

    private mutating func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(count <= bytes.count - offset, "message larger than its encodedSize")
        defer { offset += count }
        return UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}
