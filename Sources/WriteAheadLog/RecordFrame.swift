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

    /// What is at an offset of the bytes at hand.
    enum Found {
        /// A whole frame, with its record at these offsets.
        case record(Range<Int>)
        /// Perhaps a frame, of as many bytes, of which not all are at hand.
        case incomplete(Int)
        case none(SegmentDamage.Reason)
    }

    /// Looks for a frame at an offset; nothing is read beyond `bytes`.
    ///
    /// - Parameter left: Bytes of the segment from the offset on, those that are not at hand included.
    func find(in bytes: UnsafeRawBufferPointer, at offset: Int, left: Int) -> Found {
        guard left >= Self.headerSize else { return .none(.truncated) }
        let available = bytes.count - offset
        guard available >= Self.headerSize else { return .incomplete(Self.headerSize) }
        let found = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        guard UInt32(littleEndian: found) == marker else { return .none(.noFrame) }
        let size = Int(
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        )
        guard size > 0, size <= left - Self.headerSize else { return .none(.truncated) }
        guard size <= available - Self.headerSize else {
            return .incomplete(Self.headerSize + size)
        }
        let range = offset + Self.headerSize..<offset + Self.headerSize + size
        let expected = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        )
        guard checksum(of: UnsafeRawBufferPointer(rebasing: bytes[range])) == expected else {
            return .none(.checksumMismatch)
        }
        return .record(range)
    }

    /// The next offset at or behind `offset` where the marker may begin.
    func nextCandidate(in bytes: UnsafeRawBufferPointer, from offset: Int) -> Int? {
        guard offset < bytes.count, let base = bytes.baseAddress else { return nil }
        // Segments are large and mostly whole, so the search must not go byte by byte.
        let first = Int32(UInt8(truncatingIfNeeded: marker))
        guard let hit = memchr(base + offset, first, bytes.count - offset) else { return nil }
        return UnsafeRawPointer(hit) - base
    }

    /// Whether all bytes are zeros.
    static func isZero(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return true }
        // Each byte equals its neighbour, and the first is zero.
        return bytes[0] == 0 && memcmp(base, base + 1, bytes.count - 1) == 0
    }

    private func checksum(of record: UnsafeRawBufferPointer) -> UInt64 {
        let seed = salt ^ (UInt64(record.count) &* 0xc2b2_ae3d_27d4_eb4f)
        return engram_xxh3_64_with_seed(record.baseAddress, record.count, seed)
    }
}
