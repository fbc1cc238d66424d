internal import BlockFormat
internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel

extension Ingester {
    /// The series of one window of a cut of which the store has the very same samples already.
    ///
    /// Blocks carry a digest of each series. Without an answer where asking would read more than storing writes: there are
    /// so many blocks of others that most of their series are none of this ingester's.
    /// - Throws: `StoreError`; a block whose digests cannot be read stands for nothing.
    func storedSeries(
        _ cut: UInt64,
        window: Int64,
        of tenant: TenantHead
    ) async throws -> Set<Fingerprint> {
        let (end, isBeyond) = window.addingReportingOverflow(settings.blockDuration)
        let range = TimeRange(start: window, end: isBeyond ? .max : end)
        let blocks = try await store.blocks(of: tenant.tenant, overlapping: range)
            .filter { range.start <= $0.range.start && $0.range.end <= range.end }
        guard !blocks.isEmpty else { return [] }
        let own = try await digests(cut, window: window, before: range.end, of: tenant)
        let most = own.count * Self.digestsPerSeries + Self.digestsPerFlush
        guard blocks.reduce(0, { $0 + $1.seriesCount }) <= most else { return [] }
        var stored: Set<Fingerprint> = []
        for block in blocks where stored.count < own.count {
            for digest in try await digests(of: block) where own[digest.fingerprint] == digest {
                stored.insert(digest.fingerprint)
            }
        }
        return stored
    }

    /// Digests that are read for each series that is to be stored at most: 32 bytes each, about what a copy of the
    /// series' samples would take with them.
    private static let digestsPerSeries = 16
    /// And as many whatever is to be stored.
    private static let digestsPerFlush = 1 << 18

    private func digests(
        _ cut: UInt64,
        window: Int64,
        before end: Int64,
        of tenant: TenantHead
    ) async throws -> [Fingerprint: SeriesDigest] {
        try await workers.run {
            var digests: [Fingerprint: SeriesDigest] = [:]
            var samples = SampleColumns()
            let (count, pending) = tenant.state.withLock {
                ($0.head.cutSeriesCount(cut), $0.exemplars.pending(before: end))
            }
            for begin in stride(from: 0, to: count, by: Self.seriesPerSlice) {
                let slice = begin..<min(count, begin + Self.seriesPerSlice)
                let series = tenant.state.withLock {
                    $0.head.cutSeries(cut, window: window, slice: slice)
                }
                // A replica's block need not have all exemplars of a series: such a series is stored once more.
                for one in series where pending.exemplars[one.fingerprint] == nil {
                    one.decode(into: &samples)
                    digests[one.fingerprint] = SeriesDigest(
                        fingerprint: one.fingerprint,
                        samples: samples
                    )
                }
            }
            return digests
        }
    }

    /// The digests of a stored block; none where they cannot be read.
    private func digests(of block: BlockRecord) async throws -> [SeriesDigest] {
        let header = try await store.read(block, ranges: [block.directory])
        guard let directory = try? BlockDirectory(decoding: header.first ?? []) else { return [] }
        let pages = try await store.read(block, ranges: directory.digestRanges)
        return (try? directory.digests(in: pages)) ?? []
    }
}
