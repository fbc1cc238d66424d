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
        try await QueryError.translating {
            let blocks = try await locate(request)
            var tried: [(block: LocatedBlock, selection: BlockSelection)] = []
            for block in blocks {
                estimate.end = max(estimate.end, block.record.range.end)
                let selection = BlockSelection(
                    directory: block.directory,
                    matchers: request.matchers,
                    seed: seed
                )
                let size = selection.neededPages.reduce(0) { $0 + $1.range.count }
                if size <= Self.maximumLabelSize {
                    tried.append((block, selection))
                } else {
                    estimate.addUntried(selection, in: block)
                }
            }
            let demands = tried.map {
                PageDemand(block: $0.block, pages: $0.selection.neededPages)
            }
            for span in Self.spans(of: demands.map(\.size)) {
                let opened = try await open(Array(demands[span]), .unbounded())
                for (index, pages) in zip(span, opened) {
                    // A copy, so that the tables are free to go after the span.
                    var selection = tried[index].selection
                    selection.supply(pages)
                    try estimate.add(selection.series, in: tried[index].block)
                }
            }
        }
        return estimate
    }
}

extension StoredEstimate {
    /// Adds series that pass.
    fileprivate mutating func add(_ found: [BlockSeries], in block: LocatedBlock) throws {
        let samples = try block.naming { () throws(BlockFormatError) in
            try BlockSamples(directory: block.directory, series: found)
        }
        size += samples.neededPages.reduce(0) { $0 + $1.range.count }
        series.formUnion(found.map(\.fingerprint))
        count(block, series: found.count, samples: found.reduce(0) { $0 + $1.sampleCount })
    }

    /// Adds metrics as a whole.
    fileprivate mutating func addUntried(_ selection: BlockSelection, in block: LocatedBlock) {
        let (seriesCount, samples) = selection.candidates
        untriedSeriesCount += seriesCount
        let share = Double(samples) / Double(max(1, block.directory.sampleCount))
        size += Int(Double(block.record.size) * min(1, share))
        count(block, series: seriesCount, samples: samples)
    }

    private mutating func count(_ block: LocatedBlock, series: Int, samples: Int) {
        sampleCount += samples
        let times = Double(block.directory.maxTime - block.directory.minTime)
        covered += times * Double(series)
    }
}
