internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import PromQL

extension BlockReader {
    /// Exemplars of the series in all blocks that may have any of the range.
    ///
    /// - Parameter limit: More exemplars, before repeated ones are left out, are an error.
    func exemplars(
        _ request: SelectRequest,
        limit: Int
    ) async throws -> [SelectedExemplars] {
        guard !request.range.isEmpty else { return [] }
        let seed = TenantSeed(request.tenant)
        var near = request
        let times = BlockExemplars.times(around: request.range.start...request.range.end)
        near.range = TimeRange(start: times.lowerBound, end: times.upperBound)
        var count = 0
        return try await forEachBlock(near) { block, directory in
            if Task.isCancelled { throw QueryError.cancelled }
            guard directory.hasExemplars else { return [SelectedExemplars]() }
            var selection = BlockSelection(
                directory: directory,
                matchers: request.matchers,
                seed: seed
            )
            selection.supply(
                try await open(selection.neededPages, of: block, directory, .unbounded())
            )
            var exemplars = BlockExemplars(
                directory: directory,
                series: selection.series,
                range: request.range
            )
            while !exemplars.neededPages.isEmpty {
                if Task.isCancelled { throw QueryError.cancelled }
                exemplars.supply(
                    try await open(exemplars.neededPages, of: block, directory, .unbounded())
                )
                guard count + exemplars.count <= limit else {
                    throw QueryError.tooManyExemplars(limit: limit)
                }
            }
            count += exemplars.count
            var found: [SelectedExemplars] = []
            for series in selection.series {
                let list = exemplars.exemplars(of: series)
                guard !list.isEmpty else { continue }
                found.append(SelectedExemplars(labels: series.labels, exemplars: list))
            }
            return found
        }.flatMap(\.self)
    }

    /// What blocks with samples in a range say about metrics: of each metric what the newest block says.
    func metadata(
        _ request: MetadataRequest,
        in range: TimeRange
    ) async throws -> [MetricMetadata] {
        let select = SelectRequest(tenant: request.tenant, matchers: [], range: range)
        let entries = try await forEachBlock(select) { block, directory in
            if Task.isCancelled { throw QueryError.cancelled }
            let pages = directory.metadataPagesNeeded
            let found = directory.metadata(
                in: try await open(pages, of: block, directory, .unbounded())
            )
            guard let metric = request.metric else { return found }
            return found.filter { $0.name == metric }
        }
        return MetricMetadata.merge(entries)
    }
}
