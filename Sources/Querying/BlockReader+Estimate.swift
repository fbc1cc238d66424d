internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import PromQL

/// What blocks hold for some matchers, found without reading a sample.
struct StoredEstimate: Sendable {
    /// The series that pass.
    var series: Set<Fingerprint> = []
    /// Series of metrics that may pass, where labels would have been too much to read; no series counts twice
    /// within a block.
    var untriedSeriesCount = 0
    /// Samples in the pages that would be decoded.
    var sampleCount = 0
    /// Stored bytes of these pages.
    var size = 0
    /// Behind the last sample of all blocks, in milliseconds.
    var end = Int64.min
    /// Milliseconds of all series together from their blocks' first sample to the last one.
    fileprivate var covered = 0.0

    /// Milliseconds between two samples of a series on average; nil if no block tells.
    var interval: Double? { covered > 0 && sampleCount > 0 ? covered / Double(sampleCount) : nil }
}

extension BlockReader {
    /// Stored bytes of label pages that are read of one block at most.
    private static var maximumLabelSize: Int { 32 << 20 }

    /// Finds out what ``select(_:memory:check:)`` would read.
    ///
    /// Series are selected by their labels, which a query reads as well and which stay in the cache. Where that
    /// would be too much, metrics count as a whole.
    func estimate(_ request: SelectRequest) async throws -> StoredEstimate {
        let seed = TenantSeed(request.tenant)
        var estimate = StoredEstimate()
        _ = try await forEachBlock(request) { block, directory in
            estimate.end = max(estimate.end, block.range.end)
            var selection = BlockSelection(
                directory: directory,
                matchers: request.matchers,
                seed: seed
            )
            let pages = selection.neededPages
            let seriesCount: Int
            let sampleCount: Int
            if pages.reduce(0, { $0 + $1.range.count }) <= Self.maximumLabelSize {
                selection.supply(try await open(pages, of: block, directory, .unbounded()))
                let samples = try BlockSamples(directory: directory, series: selection.series)
                estimate.size += samples.neededPages.reduce(0) { $0 + $1.range.count }
                estimate.series.formUnion(selection.series.map(\.fingerprint))
                seriesCount = selection.series.count
                sampleCount = selection.series.reduce(0) { $0 + $1.sampleCount }
            } else {
                (seriesCount, sampleCount) = selection.candidates
                estimate.untriedSeriesCount += seriesCount
                let share = Double(sampleCount) / Double(max(1, directory.sampleCount))
                estimate.size += Int(Double(block.size) * min(1, share))
            }
            estimate.sampleCount += sampleCount
            estimate.covered += Double(directory.maxTime - directory.minTime) * Double(seriesCount)
        }
        return estimate
    }
}
