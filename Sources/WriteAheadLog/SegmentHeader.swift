internal import CHashing

/// The first bytes of a segment: which one it is, and the salt of its frames.
///
/// Stands there twice, so that one damaged copy does not cost a segment.
public struct SegmentHeader: Sendable, Equatable {
    /// Bytes of the header with its copy; the first frame starts here.
    public static let size = 2 * copySize
    /// The newest version, which all segments are written in.
    public static let version: UInt32 = 1

    /// Segments are numbered upwards, without reuse.
    public var number: UInt64
    /// Drawn at random for each segment.
    ///
    /// Marker and checksum of a frame depend on it, so nothing that a client can get into a record
    /// looks like a frame, and nothing from another segment does.
    public var salt: UInt64

    private static let copySize = 32
    private static let magic: [UInt8] = Array("EngramWL".utf8)
    private static let checkedSize = 28

    public init(number: UInt64, salt: UInt64) {
        self.number = number
        self.salt = salt
    }

    /// The header and its copy.
    public var bytes: [UInt8] {
        var copy = Self.magic
        withUnsafeBytes(of: Self.version.littleEndian) { copy.append(contentsOf: $0) }
        copy.appendFixed64(number)
        copy.appendFixed64(salt)
        let checksum = copy.withUnsafeBytes { Self.checksum(UnsafeRawBufferPointer($0)) }
        withUnsafeBytes(of: checksum.littleEndian) { copy.append(contentsOf: $0) }
        return copy + copy
    }

    /// Reads the header or, where that is damaged, its copy.
    ///
    /// - Throws: what is wrong with the first of them.
    public init(reading bytes: UnsafeRawBufferPointer) throws(SegmentDamage.Reason) {
        do throws(SegmentDamage.Reason) {
            try self.init(bytes, at: 0)
        } catch {
            guard let copy = try? SegmentHeader(bytes, at: Self.copySize) else { throw error }
            self = copy
        }
    }

    private init(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int
    ) throws(SegmentDamage.Reason) {
        guard bytes.count - offset >= Self.copySize else { throw .headerDamaged }
        let copy = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Self.copySize])
        let checksum = copy.loadUnaligned(fromByteOffset: Self.checkedSize, as: UInt32.self)
        guard copy.starts(with: Self.magic), UInt32(littleEndian: checksum) == Self.checksum(copy)
        else { throw .headerDamaged }
        let version = copy.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        guard UInt32(littleEndian: version) == Self.version else {
            throw .unsupportedVersion(UInt32(littleEndian: version))
        }
        number = UInt64(littleEndian: copy.loadUnaligned(fromByteOffset: 12, as: UInt64.self))
        salt = UInt64(littleEndian: copy.loadUnaligned(fromByteOffset: 20, as: UInt64.self))
    }

    private static func checksum(_ copy: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: engram_xxh3_64(copy.baseAddress, checkedSize))
    }
}
