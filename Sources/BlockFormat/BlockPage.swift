/// One page as the directory lists it.
struct BlockPage: Sendable, Hashable {
    let section: BlockSection
    /// Number of the page in its section.
    let index: Int
    /// The stored bytes, as a range of the block's body.
    let range: Range<Int>
    /// Bytes before compression; at most ``BlockLayout/pageMaximumSize``.
    let size: Int
    /// XXH3-64 of the stored bytes.
    let checksum: UInt64
    /// Rows (labels, digests) or columns (timestamps, values) in it, by number in the section.
    let items: Range<Int>

    var location: BlockLocation { BlockLocation(section: section, page: index) }

    /// Checks stored bytes and decompresses them.
    func open(
        _ stored: [UInt8],
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) -> [UInt8] {
        guard stored.count == range.count else {
            throw .suppliedSizeMismatch(location, expected: range.count, found: stored.count)
        }
        let found = PageChecksum.of(stored)
        guard found == checksum else {
            throw .checksumMismatch(location, expected: checksum, found: found)
        }
        return try decompressor.decompress(stored, size: size, at: location)
    }
}

extension [BlockPage] {
    /// Rows or columns in all pages of a section.
    var itemCount: Int { last?.items.upperBound ?? 0 }

    /// The pages that hold any of the items; pages are in order of items.
    func holding(_ wanted: Range<Int>) -> ArraySlice<BlockPage> {
        guard !wanted.isEmpty else { return [] }
        let start = firstIndex { $0.items.upperBound > wanted.lowerBound }
        let end = firstIndex { $0.items.lowerBound >= wanted.upperBound } ?? endIndex
        guard let start, start < end else { return [] }
        return self[start..<end]
    }

    private func firstIndex(where isPast: (BlockPage) -> Bool) -> Int? {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isPast(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low < endIndex ? low : nil
    }
}
