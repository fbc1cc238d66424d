internal import CHashing
internal import ClusterInterface
internal import MetricsModel

/// The bytes before one range of a block in a file of the cache: whose they are, and their checksums.
///
/// ```
/// magic u32 · tenant's size u16 · zero u16 · block id 2 u64 · first byte u64 · size u32 · zero u32 ·
/// XXH3-64 of all before and the tenant u64 · XXH3-64 of the bytes u64 · tenant · the bytes
/// ```
/// Numbers are little-endian. The format is the cache's own affair: files that do not start with the magic are
/// dropped.
struct BlockFileRecord: Equatable {
    /// "EBC1": the last byte is the version.
    static let magic: UInt32 = 0x3143_4245
    /// Bytes before the tenant.
    static let fixedSize = 56
    /// No tenant has a longer name.
    static let maximumTenantSize = 1024

    /// The part that says whose the bytes are, with its checksum; the same for the same range.
    let identity: [UInt8]
    let size: Int

    /// - Precondition: The range has less than 4 GiB; see ``BlockFileIndex/accepts(_:)``.
    init(_ block: BlockRecord, _ range: Range<Int>) {
        size = range.count
        identity = Self.identity(block, range)
    }

    private static func identity(_ block: BlockRecord, _ range: Range<Int>) -> [UInt8] {
        let tenant = Array(block.tenant.name.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fixedSize + tenant.count)
        append(magic, to: &bytes)
        append(UInt16(truncatingIfNeeded: tenant.count), to: &bytes)
        append(UInt16(0), to: &bytes)
        append(block.id.high, to: &bytes)
        append(block.id.low, to: &bytes)
        append(UInt64(range.lowerBound), to: &bytes)
        append(UInt32(truncatingIfNeeded: range.count), to: &bytes)
        append(UInt32(0), to: &bytes)
        append(checksum(of: bytes[...], seed: checksum(of: tenant[...])), to: &bytes)
        return bytes + tenant
    }

    /// The key of an index in memory; two records that share it are told apart by their identities.
    var key: BlockFileKey {
        let hash = identity.withUnsafeBytes {
            engram_xxh3_128_with_seed($0.baseAddress, $0.count, 0)
        }
        return BlockFileKey(high: hash.high, low: hash.low)
    }

    /// Bytes of the record in a file.
    var storedSize: Int { identity.count + 8 + size }

    /// Appends the record.
    ///
    /// - Parameter content: ``size`` bytes.
    func append(_ content: [UInt8], to file: inout [UInt8]) {
        file += identity.prefix(Self.fixedSize - 8)
        Self.append(Self.checksum(of: content[...]), to: &file)
        file += identity.dropFirst(Self.fixedSize - 8)
        file += content
    }

    /// The content of a stored record; nil where it is damaged or another's.
    ///
    /// - Parameter stored: ``storedSize`` bytes. Not trusted.
    func content(of stored: [UInt8]) -> [UInt8]? {
        guard stored.count == storedSize,
            stored.prefix(Self.fixedSize - 8) == identity.prefix(Self.fixedSize - 8),
            stored[Self.fixedSize..<identity.count + 8] == identity[(Self.fixedSize - 8)...]
        else { return nil }
        let content = stored[(identity.count + 8)...]
        let checksum: UInt64 = Self.number(stored, at: Self.fixedSize - 8)
        guard Self.checksum(of: content) == checksum else { return nil }
        return Array(content)
    }

    /// What the start of a record says, for a walk through a file.
    ///
    /// - Parameter start: At least ``fixedSize`` bytes, and as many of the tenant as there are. Not trusted.
    /// - Returns: The record's key and stored size; nil where there is no whole record's start.
    static func walk(_ start: [UInt8]) -> (key: BlockFileKey, storedSize: Int)? {
        guard start.count >= fixedSize, number(start, at: 0) as UInt32 == magic else { return nil }
        let tenantSize = Int(number(start, at: 4) as UInt16)
        guard tenantSize <= maximumTenantSize, start.count >= fixedSize + tenantSize else {
            return nil
        }
        let tenant = start[fixedSize..<fixedSize + tenantSize]
        let expected = checksum(of: start[..<40], seed: checksum(of: tenant))
        guard number(start, at: 40) as UInt64 == expected else { return nil }
        let size = Int(number(start, at: 32) as UInt32)
        let identity = start[..<(fixedSize - 8)] + tenant
        let hash = identity.withUnsafeBytes {
            engram_xxh3_128_with_seed($0.baseAddress, $0.count, 0)
        }
        return (BlockFileKey(high: hash.high, low: hash.low), fixedSize + tenantSize + size)
    }

    private static func checksum(of bytes: ArraySlice<UInt8>, seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { engram_xxh3_64_with_seed($0.baseAddress, $0.count, seed) }
    }

    private static func append<Number: FixedWidthInteger>(
        _ number: Number,
        to bytes: inout [UInt8]
    ) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func number<Number: FixedWidthInteger>(
        _ bytes: [UInt8],
        at offset: Int
    ) -> Number {
        bytes.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
    }
}

/// A hash of whose a record is.
struct BlockFileKey: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
}
