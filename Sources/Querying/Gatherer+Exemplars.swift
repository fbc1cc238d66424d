internal import ClusterInterface
internal import MetricsModel

extension Gatherer {
    /// Exemplars in the range of the series that match, sorted by labels, those of a series by time, each once.
    ///
    /// - Parameter limit: More exemplars from one ingester, or from all blocks, are an error.
    func exemplars(_ request: SelectRequest, limit: Int) async throws -> [SelectedExemplars] {
        let recent = try await askIngesters(of: request.tenant) { try await $0.exemplars(request) }
        // Replicas have the same ones.
        let count = recent.map { $0.reduce(0) { $0 + $1.exemplars.count } }.max() ?? 0
        guard count <= limit else { throw QueryError.tooManyExemplars(limit: limit) }
        let stored = try await blocks.exemplars(request, limit: limit)
        return Self.merge(recent.flatMap(\.self) + stored)
    }

    /// Joins what several places hold of the same series.
    static func merge(_ found: [SelectedExemplars]) -> [SelectedExemplars] {
        var series: [Labels: [[Exemplar]]] = [:]
        for one in found { series[one.labels, default: []].append(one.exemplars) }
        return series.map { labels, lists in
            SelectedExemplars(labels: labels, exemplars: Exemplar.merge(lists))
        }.sorted { $0.labels < $1.labels }
    }

    /// What is known of one metric, or of all, by name.
    ///
    /// What senders say now, the latest first, counts more than what blocks hold.
    func metadata(
        _ request: MetadataRequest,
        in range: TimeRange
    ) async throws -> [String: [MetricMetadata]] {
        let recent = try await askIngesters(of: request.tenant) { try await $0.metadata(request) }
        var metrics: [String: [MetricMetadata]] = [:]
        let newestFirst = recent.joined().sorted { $0.lastSeen > $1.lastSeen }
        for seen in newestFirst { metrics[seen.metadata.name].add(seen.metadata) }
        for entry in try await blocks.metadata(request, in: range)
        where metrics[entry.name] == nil {
            metrics[entry.name] = [entry]
        }
        return metrics
    }
}

extension Optional where Wrapped == [MetricMetadata] {
    /// Adds an entry that is not there yet.
    mutating func add(_ entry: MetricMetadata) {
        guard self?.contains(entry) != true else { return }
        self = (self ?? []) + [entry]
    }
}

extension QueryError {
    static func tooManyExemplars(limit: Int) -> QueryError {
        .limit(
            "the query selects more than \(limit) exemplars: ask for a shorter time or fewer series"
        )
    }
}
