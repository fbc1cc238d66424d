internal import ClusterInterface
public import MetricsModel
internal import PromQL

/// What a deletion means now.
public struct DeletionPreview: Sendable, Equatable {
    public var seriesCount = 0
    public var sampleCount = 0
    /// Times of the first and the last of these samples, in milliseconds; nil without any.
    public var firstTime: Int64?
    public var lastTime: Int64?
}

extension Querier {
    /// Counts what a deletion would take, and takes nothing.
    ///
    /// - Parameter selectors: A series that passes one of them counts, once.
    /// - Throws: ``QueryError``.
    public func preview(
        of tenant: TenantID,
        matching selectors: [[LabelMatcher]],
        in range: TimeRange
    ) async throws -> DeletionPreview {
        try await metrics.measure(.series) {
            try await timed(nil) { deadline, _ in
                let check: @Sendable () throws -> Void = { try Self.check(deadline) }
                var preview = DeletionPreview()
                var seen: Set<Labels> = []
                for matchers in selectors {
                    let series = try await self.gatherer.samples(
                        SelectRequest(tenant: tenant, matchers: matchers, range: range),
                        memory: self.memory,
                        rename: nil,
                        check: check
                    )
                    let known = seen
                    let part = try await self.workers.run {
                        try series.count(in: range, besides: known, check: check)
                    }
                    seen.formUnion(part.labels)
                    preview.add(part.preview)
                }
                return preview
            }
        }
    }
}

extension DeletionPreview {
    fileprivate mutating func add(_ other: DeletionPreview) {
        seriesCount += other.seriesCount
        sampleCount += other.sampleCount
        firstTime = [firstTime, other.firstTime].compactMap(\.self).min()
        lastTime = [lastTime, other.lastTime].compactMap(\.self).max()
    }
}

extension GatheredSeries {
    /// Counts the samples in a range of the series that are not known yet.
    fileprivate func count(
        in range: TimeRange,
        besides known: Set<Labels>,
        check: () throws -> Void
    ) throws -> (preview: DeletionPreview, labels: Set<Labels>) {
        var preview = DeletionPreview()
        var counted: Set<Labels> = []
        var samples = SampleColumns()
        for index in 0..<count {
            try check()
            let labels = labels(at: index)
            guard !known.contains(labels) else { continue }
            try read(index, into: &samples)
            var part = DeletionPreview()
            for times in [samples.timestamps, samples.histograms.timestamps] {
                let inside = times.drop { $0 < range.start }.prefix { $0 < range.end }
                part.add(
                    DeletionPreview(
                        sampleCount: inside.count,
                        firstTime: inside.first,
                        lastTime: inside.last
                    )
                )
            }
            guard part.sampleCount > 0 else { continue }
            part.seriesCount = 1
            preview.add(part)
            counted.insert(labels)
        }
        return (preview, counted)
    }
}
