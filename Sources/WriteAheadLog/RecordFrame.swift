internal import CHashing
internal import Glibc

/// Puts records of one segment into frames, and finds the frames again.
///
/// A frame is: marker (4 bytes) · size of the record (4) · XXH3-64 of the record (8) · the record.
/// All numbers are little-endian.
public struct RecordFrame: Sendable {
    /// Bytes that a frame adds to its record.
    public static let headerSize = 16
    /// Largest record a frame can name.
    public static let maximumRecordSize = Int(UInt32.max)

    private let salt: UInt64
    /// Never zero, so that the unused end of a preallocated file holds no frame.
    private let marker: UInt32

    public init(salt: UInt64) {
        self.salt = salt
        marker = UInt32(truncatingIfNeeded: (salt &* 0x9e37_79b9_7f4a_7c15) &>> 32) | 1
    }

    /// Appends a record in its frame.
    ///
    /// - Precondition: the record has 1 … ``maximumRecordSize`` bytes.
    public func append(_ record: [UInt8], to out: inout [UInt8]) {
        precondition(
            !record.isEmpty && record.count <= Self.maximumRecordSize,
            "a record of \(record.count) bytes has no frame"
        )
        let size = UInt32(record.count)
        let checksum = record.withUnsafeBytes { self.checksum(of: $0) }
        withUnsafeBytes(of: marker.littleEndian) { out.append(contentsOf: $0) }
        withUnsafeBytes(of: size.littleEndian) { out.append(contentsOf: $0) }
        withUnsafeBytes(of: checksum.littleEndian) { out.append(contentsOf: $0) }
        out.append(contentsOf: record)
    }

    /// Where the record lies of the frame at an offset.
    ///
    /// - Throws: why there is no whole frame; nothing is read beyond `bytes`.
    func record(
        in bytes: UnsafeRawBufferPointer,
        at offset: Int
    ) throws(SegmentDamage.Reason) -> Range<Int> {
        guard bytes.count - offset >= Self.headerSize else { throw .truncated }
        let found = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        guard UInt32(littleEndian: found) == marker else { throw .noFrame }
        let size = UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
        )
        let start = offset + Self.headerSize
        guard size > 0, Int(size) <= bytes.count - start else { throw .truncated }
        let range = start..<start + Int(size)
        let expected = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        )
        guard checksum(of: UnsafeRawBufferPointer(rebasing: bytes[range])) == expected else {
            throw .checksumMismatch
        }
        return range
    }

    /// The offset of the first whole frame at or behind an offset.
    func nextFrame(in bytes: UnsafeRawBufferPointer, from offset: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let first = Int32(UInt8(truncatingIfNeeded: marker))
        var candidate = offset
        while bytes.count - candidate > Self.headerSize {
            // Segments are large and mostly whole, so the search must not go byte by byte.
            guard let hit = memchr(base + candidate, first, bytes.count - candidate) else {
                return nil
            }
            candidate = UnsafeRawPointer(hit) - base
            if (try? record(in: bytes, at: candidate)) != nil { return candidate }
            candidate += 1
        }
        return nil
    }

    /// Whether nothing but zeros is left: the unused end of a preallocated file.
    static func isUnused(_ bytes: UnsafeRawBufferPointer, from offset: Int) -> Bool {
        guard offset < bytes.count, let base = bytes.baseAddress else { return true }
        // Each byte equals its neighbour, and the first is zero.
        return bytes[offset] == 0
            && memcmp(base + offset, base + offset + 1, bytes.count - offset - 1) == 0
    }

    private func checksum(of record: UnsafeRawBufferPointer) -> UInt64 {
        let seed = salt ^ (UInt64(record.count) &* 0xc2b2_ae3d_27d4_eb4f)
        return engram_xxh3_64_with_seed(record.baseAddress, record.count, seed)
    }
}
