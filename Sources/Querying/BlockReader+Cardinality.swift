internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import PromQL

extension BlockReader {
    /// Label pages that are open at once, at most about 2 MiB each.
    private static var pagesPerStep: Int { 32 }

    /// Hands over the series of all blocks that have samples in the range, block by block and in pieces, so that
    /// no more than a few pages are in memory whatever the blocks hold.
    ///
    /// A block that lies in the range is counted by its labels. Of one that reaches over an end of it timestamps
    /// are read too: a series counts only if it has a sample inside.
    func countedSeries(
        _ request: SelectRequest,
        check: @Sendable () throws -> Void,
        _ body: (CountedSeries) throws -> Void
    ) async throws {
        let seed = TenantSeed(request.tenant)
        _ = try await forEachBlock(request) { block, directory in
            let selection = BlockSelection(
                directory: directory,
                matchers: request.matchers,
                seed: seed
            )
            let pages = selection.neededPages
            for start in stride(from: 0, to: pages.count, by: Self.pagesPerStep) {
                try check()
                let step = Array(pages[start..<min(start + Self.pagesPerStep, pages.count)])
                let labels = try await open(step, of: block, directory, .unbounded())
                let found = try await inside(
                    request.range,
                    selection.series(in: labels),
                    of: block,
                    directory
                )
                var pieces = LabelColumns.pieces(of: found).map { CountedSeries($0) }
                guard !pieces.isEmpty else { continue }
                pieces[0].chunkCount = found.reduce(0) { $0 + $1.chunkCount }
                let end = directory.maxTime == .max ? .max : directory.maxTime + 1
                pieces[0].range = TimeRange(start: directory.minTime, end: end)
                for piece in pieces { try body(piece) }
            }
        }
    }

    /// Those of some series of a block that have a sample in a range.
    private func inside(
        _ range: TimeRange,
        _ series: [BlockSeries],
        of block: BlockRecord,
        _ directory: BlockDirectory
    ) async throws -> [BlockSeries] {
        if range.start <= directory.minTime, directory.maxTime < range.end { return series }
        var times = try BlockSamples(directory: directory, timesOf: series)
        times.supply(try await open(times.neededPages, of: block, directory, .unbounded()))
        return try times.series(series, withSamplesIn: range)
    }
}
