internal import ClusterInterface
internal import MetricsModel
internal import PromQL

extension Gatherer {
    /// What ``samples(_:memory:rename:check:)`` would read: ingesters are asked for labels, blocks for their
    /// directories and labels.
    func estimate(_ request: SelectRequest) async throws -> FetchEstimate {
        let seed = TenantSeed(request.tenant)
        var recent: Set<Fingerprint> = []
        for answer in try await askIngesters(of: request.tenant, { try await $0.series(request) }) {
            for labels in answer { recent.insert(Fingerprint(seed: seed, labels: labels)) }
        }
        let stored = try await blocks.estimate(request)
        return FetchEstimate(
            seriesCount: stored.series.union(recent).count + stored.untriedSeriesCount,
            isUpperBound: stored.untriedSeriesCount > 0,
            storedSampleCount: stored.sampleCount,
            storedSize: stored.size,
            recentSeriesCount: recent.count,
            recentSampleCount: recent.isEmpty
                ? 0 : stored.samplesPerSeries(in: request.range).map { $0 * recent.count }
        )
    }
}

extension StoredEstimate {
    /// Samples that a series would have in the part of a range behind all blocks, at the rate of the blocks.
    fileprivate func samplesPerSeries(in range: TimeRange) -> Int? {
        guard let interval else { return nil }
        let start = max(range.start, end)
        guard range.end > start else { return 0 }
        let samples = (Double(range.end) - Double(start)) / interval
        // Beyond that the range was not meant to be full of samples.
        return samples < 1e9 ? Int(samples.rounded(.up)) : nil
    }
}
