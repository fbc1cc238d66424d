internal import ChunkCoding
public import ClusterInterface
internal import HeadStorage
internal import MetricsModel
internal import Synchronization

extension Ingester {
    /// Series with samples in the range, metric by metric: the lock is held for no longer than one metric takes,
    /// and no more than its chunks are in memory at once.
    ///
    /// A series has one metric, so none comes twice. One that is flushed meanwhile may be missing here; it is in
    /// a block by then, and blocks are asked after ingesters.
    public func countedSeries(_ request: SelectRequest) async throws -> [CountedSeries] {
        let metrics = try await labelValues(Labels.metricName, request)
        guard let head = try readable(request.tenant) else { return [] }
        var count = SeriesCount(TenantSeed(request.tenant), request.range)
        // Series without a name are last.
        for metric in metrics + [""] {
            try Task.checkCancellation()
            let matchers =
                request.matchers
                + [try LabelMatcher(name: Labels.metricName, operation: .equal, value: metric)]
            for series in head.state.withLock({ $0.head.select(matchers, request.range) }) {
                try count.add(series)
            }
        }
        return count.finish()
    }
}

/// Sums up series of a head.
private struct SeriesCount {
    private let seed: TenantSeed
    private let range: TimeRange
    private var builder = LabelColumnsBuilder()
    private var chunkCount = 0
    private var chunkRange = TimeRange(start: 0, end: 0)

    init(_ seed: TenantSeed, _ range: TimeRange) {
        self.seed = seed
        self.range = range
    }

    /// Adds a series, if it has a sample in the range.
    mutating func add(_ series: HeadSeries) throws {
        guard try series.chunks.contains(where: hasSamples) else { return }
        builder.add(Fingerprint(seed: seed, labels: series.labels), key: series.labels.key)
        chunkCount += series.chunks.count
        for chunk in series.chunks {
            let end = chunk.maxTime == .max ? .max : chunk.maxTime + 1
            chunkRange = chunkRange.union(TimeRange(start: chunk.minTime, end: end))
        }
    }

    /// The facts that are not of single pieces go with the first.
    consuming func finish() -> [CountedSeries] {
        var pieces = builder.finish().map { CountedSeries($0) }
        guard !pieces.isEmpty else { return [] }
        pieces[0].chunkCount = chunkCount
        pieces[0].range = chunkRange
        return pieces
    }

    /// Decodes only a chunk that reaches over both ends of the range.
    private func hasSamples(_ chunk: EncodedChunk) throws -> Bool {
        if range.contains(chunk.minTime) || range.contains(chunk.maxTime) { return true }
        guard chunk.minTime < range.start, chunk.maxTime >= range.end else { return false }
        var samples = SampleColumns()
        try chunk.decode(maximumCount: chunk.count, into: &samples)
        return samples.timestamps.contains { range.contains($0) }
            || samples.histograms.timestamps.contains { range.contains($0) }
    }
}
