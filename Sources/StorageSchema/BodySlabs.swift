public import ClusterInterface

/// Cuts a block's body into rows, and ranges of it into slices of those rows.
///
/// Slab n holds the bytes from `n * slabSize` on; all but the last are full.
public struct BodySlabs: Sendable, Equatable {
    /// Bytes of the body.
    public let size: Int
    /// Bytes of a full slab.
    public let slabSize: Int

    public init(size: Int, slabSize: Int) {
        precondition(size >= 0 && slabSize > 0, "a body of \(size) bytes in slabs of \(slabSize)")
        self.size = size
        self.slabSize = slabSize
    }

    /// The bytes of each slab, in order; an empty body has none.
    public var slabs: [Range<Int>] {
        stride(from: 0, to: size, by: slabSize).map { $0..<min($0 + slabSize, size) }
    }

    /// The slices that make up the ranges: range by range, each from its start to its end.
    ///
    /// - Throws: ``StoreError/missing(_:)`` for a range that leaves the body.
    public func slices(of ranges: [Range<Int>]) throws(StoreError) -> [SlabSlice] {
        var slices: [SlabSlice] = []
        slices.reserveCapacity(ranges.count)
        for (index, range) in ranges.enumerated() {
            guard range.lowerBound >= 0, range.upperBound <= size else {
                throw .missing("bytes \(range) of a block of \(size) bytes")
            }
            var position = range.lowerBound
            while position < range.upperBound {
                let slab = position / slabSize
                let offset = position - slab * slabSize
                let length = min(slabSize - offset, range.upperBound - position)
                slices.append(
                    SlabSlice(rangeIndex: index, slab: slab, offset: offset, length: length)
                )
                position += length
            }
        }
        return slices
    }
}

/// Some bytes of one slab.
public struct SlabSlice: Sendable, Equatable {
    /// Which of the asked ranges it belongs to.
    public var rangeIndex: Int
    public var slab: Int
    /// Into the slab, in bytes.
    public var offset: Int
    /// In bytes, never 0.
    public var length: Int
}
