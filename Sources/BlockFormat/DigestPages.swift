internal import MetricsModel

/// Lays digests into pages, column by column: fingerprints, sample counts, checksums.
struct DigestPageWriter {
    private(set) var pages = PageWriter()
    private var digests: [SeriesDigest] = []
    /// 16 + at most 5 + 8 bytes each, so a page stays near its target.
    private static let digestsPerPage = BlockLayout.pageTargetSize / 32

    mutating func append(
        _ digest: SeriesDigest,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        digests.append(digest)
        if digests.count == Self.digestsPerPage { try finish(with: compressor) }
    }

    /// Closes the last page.
    mutating func finish(with compressor: borrowing PageCompressor) throws(BlockBuildError) {
        guard !digests.isEmpty else { return }
        var page: [UInt8] = []
        page.appendVarint(digests.count)
        for digest in digests {
            page.appendFixed(digest.fingerprint.high)
            page.appendFixed(digest.fingerprint.low)
        }
        for digest in digests { page.appendVarint(digest.sampleCount) }
        for digest in digests { page.appendFixed(digest.checksum) }
        try pages.append(page, itemCount: digests.count, with: compressor)
        digests.removeAll(keepingCapacity: true)
    }
}

extension BlockDirectory {
    /// The byte ranges of the body that hold the digests of all series, for ``digests(in:)``.
    public var digestRanges: [Range<Int>] { digestPages.map(\.range) }

    /// Reads the digests of all series, in the order of rows.
    ///
    /// - Parameter bytes: The bytes of ``digestRanges``, in that order. Not trusted.
    public func digests(in bytes: [[UInt8]]) throws(BlockFormatError) -> [SeriesDigest] {
        guard bytes.count == digestPages.count else {
            throw .suppliedSizeMismatch(
                BlockLocation(section: .digests, page: 0),
                expected: digestPages.count,
                found: bytes.count
            )
        }
        guard let first = digestPages.first else { return [] }
        let decompressor = try PageDecompressor(for: first.location)
        var digests: [SeriesDigest] = []
        for (page, stored) in zip(digestPages, bytes) {
            digests += try Self.digests(of: page, stored: stored, with: decompressor)
        }
        return digests
    }

    /// Reads the digests of one page.
    static func digests(
        of page: BlockPage,
        stored: [UInt8],
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) -> [SeriesDigest] {
        let bytes = try page.open(stored, with: decompressor)
        var reader = PageReader(bytes, section: .digests, page: page.index)
        let count = try reader.number(.itemCount, in: page.items.count...page.items.count)
        var fingerprints: [Fingerprint] = []
        for _ in 0..<count {
            let high = try reader.fixed(UInt64.self)
            fingerprints.append(Fingerprint(high: high, low: try reader.fixed(UInt64.self)))
        }
        var sampleCounts: [Int] = []
        for _ in 0..<count {
            sampleCounts.append(
                try reader.number(.sampleCount, in: 1...BlockLayout.maximumSamplesPerSeries)
            )
        }
        var digests: [SeriesDigest] = []
        for index in 0..<count {
            digests.append(
                SeriesDigest(
                    fingerprint: fingerprints[index],
                    sampleCount: sampleCounts[index],
                    checksum: try reader.fixed(UInt64.self)
                )
            )
        }
        try reader.finish()
        return digests
    }
}
