internal import ChunkCoding
internal import Glibc

/// Chunks that nothing is added to any more, in the cells of an arena.
///
/// A chunk is the chain of its bytes behind a header, and is named by its first cell. A series' chunks are a list by
/// descending start, so that the newest is found, and followed by the next, without a walk.
struct ClosedChunks: ~Copyable {
    /// Cells for chunks; open ones take theirs from here too.
    var arena = CellArena()

    /// What stands before the bytes in a chunk's first cell.
    struct Header {
        /// The chunk of the series that starts before this one, none at the end of the list.
        var older: UInt32
        /// Bytes of the chunk.
        var size: UInt32
        var minTime: Int64
        var maxTime: Int64
        var count: UInt32
        /// The cut that the chunk belongs to, 0 if none.
        var cut: UInt32
        /// Milliseconds from first to last sample that neither the chunk nor an older one exceeds; the most there is
        /// stands for more.
        var longestSpan: UInt32

        /// Whether the chunk or an older one may have samples at a time or later.
        ///
        /// Older chunks start earlier: where this is false, a walk through the list is over.
        func mayReach(_ time: Int64) -> Bool {
            let (end, isBeyond) = minTime.addingReportingOverflow(Int64(longestSpan))
            return longestSpan == .max || isBeyond || end >= time
        }
    }

    private static let headerSize = MemoryLayout<Header>.size

    init() {}

    /// The header of a chunk; good until a chunk is added or removed.
    @inline(__always)
    func header(_ chunk: UInt32) -> UnsafeMutablePointer<Header> {
        arena.address(chunk).assumingMemoryBound(to: Header.self)
    }

    /// Keeps a chunk in a series' list.
    ///
    /// - Parameters:
    ///   - cut: The cut that it belongs to, 0 if none.
    ///   - list: The series' newest chunk.
    /// - Returns: The chunk.
    @discardableResult
    mutating func insert(_ chunk: EncodedChunk, cut: UInt32 = 0, into list: inout UInt32) -> UInt32
    {
        let first = chunk.bytes.withUnsafeBytes { arena.makeChain($0, header: Self.headerSize) }
        let span = UInt32(clamping: UInt64(bitPattern: chunk.maxTime &- chunk.minTime))
        var newer = CellArena.none
        var older = list
        while older != CellArena.none, header(older).pointee.minTime > chunk.minTime {
            header(older).pointee.longestSpan = max(header(older).pointee.longestSpan, span)
            newer = older
            older = header(older).pointee.older
        }
        let olderSpan = older == CellArena.none ? 0 : header(older).pointee.longestSpan
        arena.address(first).initializeMemory(
            as: Header.self,
            to: Header(
                older: older,
                size: UInt32(chunk.bytes.count),
                minTime: chunk.minTime,
                maxTime: chunk.maxTime,
                count: UInt32(chunk.count),
                cut: cut,
                longestSpan: max(span, olderSpan)
            )
        )
        if newer == CellArena.none { list = first } else { header(newer).pointee.older = first }
        return first
    }

    /// Frees the chunks of a list that are to go.
    ///
    /// - Parameter goes: Whether a chunk is to go.
    mutating func remove(from list: inout UInt32, where goes: (Header) -> Bool) {
        var newer = CellArena.none
        var chunk = list
        while chunk != CellArena.none {
            let header = header(chunk).pointee
            if goes(header) {
                arena.give(backChain: chunk)
                if newer == CellArena.none {
                    list = header.older
                } else {
                    self.header(newer).pointee.older = header.older
                }
            } else {
                newer = chunk
            }
            chunk = header.older
        }
    }

    /// The chunk as others see it.
    func encoded(_ chunk: UInt32) -> EncodedChunk {
        let header = header(chunk).pointee
        let size = Int(header.size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            copy(chunk, size: size, to: target)
            count = size
        }
        return EncodedChunk(
            minTime: header.minTime,
            maxTime: header.maxTime,
            count: Int(header.count),
            bytes: bytes
        )
    }

    /// What the samples of a chunk are.
    func kind(_ chunk: UInt32) -> EncodedChunk.Kind? {
        let first = arena.address(chunk).load(fromByteOffset: Self.headerSize, as: UInt8.self)
        return EncodedChunk.Kind(rawValue: first)
    }

    private func copy(_ chunk: UInt32, size: Int, to target: UnsafeMutableBufferPointer<UInt8>) {
        let bytes = UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(target)[..<size]
        )
        arena.copyChain(chunk, header: Self.headerSize, to: bytes)
    }
}
