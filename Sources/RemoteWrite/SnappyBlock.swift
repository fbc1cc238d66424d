internal import CSnappy

/// Decompression of the snappy block format, which never has frames.
public enum SnappyBlock {
    /// No block expands further: the densest element copies 64 bytes and takes three.
    static let maximumExpansion = 22

    /// The size that the block says it has when decompressed.
    ///
    /// Costs nothing: looks at no more than five bytes.
    public static func declaredSize(
        of compressed: UnsafeRawBufferPointer
    ) throws(SnappyError) -> Int {
        var size: UInt64 = 0
        for (index, byte) in compressed.prefix(5).enumerated() {
            size |= UInt64(byte & 0x7f) << UInt64(7 * index)
            guard byte >= 0x80 else {
                guard size <= UInt64(UInt32.max) else { throw .missingSize }
                return Int(size)
            }
        }
        throw .missingSize
    }

    /// Decompresses a block after checking its declared size, so that a small body cannot claim much memory.
    ///
    /// - Parameter limit: Bytes that the result may have.
    public static func decompress(
        _ compressed: UnsafeRawBufferPointer,
        limit: Int,
        into buffer: inout ReusableBuffer
    ) throws(SnappyError) {
        let size = try declaredSize(of: compressed)
        guard size <= limit else { throw .tooLarge(declared: size, limit: limit) }
        guard size / maximumExpansion <= compressed.count else {
            throw .implausibleSize(declared: size, compressed: compressed.count)
        }
        let target = buffer.prepare(count: size)
        // An empty block is its length alone, and an empty buffer has no address to give to C.
        guard size > 0 else {
            guard compressed.count == 1 else { throw .corrupt }
            return
        }
        guard let source = compressed.baseAddress, let destination = target.baseAddress else {
            throw .corrupt
        }
        var written = size
        let status = snappy_uncompress(
            source.assumingMemoryBound(to: CChar.self),
            compressed.count,
            destination.assumingMemoryBound(to: CChar.self),
            &written
        )
        guard status == SNAPPY_OK, written == size else { throw .corrupt }
    }
}

/// Why bytes are not a snappy block that we take.
public enum SnappyError: Error, Equatable, CustomStringConvertible {
    /// The block does not start with a length of at most 32 bits.
    case missingSize
    /// The block says that it is larger than we allow.
    case tooLarge(declared: Int, limit: Int)
    /// No block of this length can expand so far.
    case implausibleSize(declared: Int, compressed: Int)
    /// The elements do not make up the declared size.
    case corrupt

    public var description: String {
        switch self {
        case .missingSize: "snappy block has no valid length"
        case .tooLarge(let declared, let limit):
            "body has \(declared) bytes when decompressed, at most \(limit) are allowed"
        case .implausibleSize(let declared, let compressed):
            "snappy block of \(compressed) bytes cannot hold the \(declared) bytes it declares"
        case .corrupt: "snappy block is corrupt"
        }
    }
}
