internal import ChunkCoding
internal import ClusterInterface
internal import MetricsModel

/// Collects what one tenant's ingesters and blocks hold.
///
/// Ingesters are asked first and the catalog second: a sample that moves from memory to a block meanwhile is seen at
/// least once.
struct Gatherer: Sendable {
    let directory: any IngesterDirectory
    let blocks: BlockReader
    let workers: any WorkerPool

    /// Series with samples in the range, sorted by labels, samples by time and each once.
    func samples(
        _ request: SelectRequest,
        check: @escaping @Sendable () throws -> Void
    ) async throws -> [GatheredSeries] {
        let recent = try await askIngesters { try await $0.select(request) }
        try check()
        let stored = try await blocks.select(request, check: check)
        return try await workers.run {
            try Self.merge(recent: recent, stored: stored, range: request.range, check: check)
        }
    }

    /// Label sets of series with samples in the range.
    func series(_ request: SelectRequest) async throws -> Set<Labels> {
        var found: Set<Labels> = []
        for answer in try await askIngesters({ try await $0.series(request) }) {
            found.formUnion(answer)
        }
        return found.union(try await blocks.series(request))
    }

    func labelNames(_ request: SelectRequest) async throws -> Set<String> {
        var found: Set<String> = []
        for answer in try await askIngesters({ try await $0.labelNames(request) }) {
            found.formUnion(answer)
        }
        return found.union(try await blocks.labelNames(request))
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> Set<String> {
        var found: Set<String> = []
        for answer in try await askIngesters({ try await $0.labelValues(name, request) }) {
            found.formUnion(answer)
        }
        return found.union(try await blocks.labelValues(name, request))
    }

    /// Asks every member that may hold recent samples, all at once.
    ///
    /// - Throws: ``QueryError/unavailable(_:)`` where more members are missing than an answer may miss.
    private func askIngesters<Answer: Sendable>(
        _ ask: @escaping @Sendable (any IngesterClient) async throws -> Answer
    ) async throws -> [Answer] {
        let readers = directory.readers()
        var missing = readers.missing.map { "\($0): not ready" }
        var answers: [Answer] = []
        try await withThrowingTaskGroup(of: (String, Result<Answer, any Error>).self) { group in
            for (instance, client) in readers.members {
                group.addTask {
                    do {
                        return (instance, .success(try await ask(client)))
                    } catch {
                        return (instance, .failure(error))
                    }
                }
            }
            for try await (instance, answer) in group {
                switch answer {
                case .success(let answer): answers.append(answer)
                case .failure(let error): missing.append("\(instance): \(error)")
                }
            }
        }
        if Task.isCancelled { throw QueryError.cancelled }
        guard missing.count <= readers.tolerated else {
            throw QueryError.unavailable(
                "\(missing.count) ingesters did not answer, at most \(readers.tolerated) may be missing: "
                    + missing.sorted().joined(separator: "; ")
            )
        }
        return answers
    }

    private static func merge(
        recent: [[SelectedSeries]],
        stored: [[StoredSeries]],
        range: TimeRange,
        check: () throws -> Void
    ) throws -> [GatheredSeries] {
        let sources =
            stored.map { $0.map(SeriesSource.stored) } + recent.map { $0.map(SeriesSource.recent) }
        var merge = SeriesMerge(sources) { $0.labels }
        var result: [GatheredSeries] = []
        while let (labels, elements) = merge.next() {
            if result.count % 256 == 0 { try check() }
            var samples = SampleMerge()
            for element in elements { try element.add(to: &samples) }
            samples.clip(to: range)
            guard !samples.timestamps.isEmpty else { continue }
            result.append(
                GatheredSeries(
                    labels: labels,
                    timestamps: samples.timestamps,
                    values: samples.values
                )
            )
        }
        return result
    }
}

/// One series with all its samples in a range.
struct GatheredSeries: Sendable {
    var labels: Labels
    var timestamps: [Int64]
    var values: [Double]
}

/// One series out of one block.
struct StoredSeries: Sendable {
    var labels: Labels
    var timestamps: [Int64]
    var values: [Double]
}

/// One series from one place.
private enum SeriesSource {
    case recent(SelectedSeries)
    case stored(StoredSeries)

    var labels: Labels {
        switch self {
        case .recent(let series): series.labels
        case .stored(let series): series.labels
        }
    }

    func add(to samples: inout SampleMerge) throws {
        switch self {
        case .recent(let series):
            for chunk in series.chunks { try Self.add(chunk, to: &samples) }
        case .stored(let series):
            samples.add(series.timestamps, series.values)
        }
    }

    /// No chunk of ours is near it; one that claims more is damaged.
    private static let maximumSamplesPerChunk = 1 << 20

    private static func add(_ chunk: EncodedChunk, to samples: inout SampleMerge) throws {
        var timestamps: [Int64] = []
        var values: [Double] = []
        do {
            try chunk.decode(
                maximumCount: maximumSamplesPerChunk,
                appendingTo: &timestamps,
                &values
            )
        } catch {
            throw QueryError.damaged("a chunk from an ingester cannot be read: \(error)")
        }
        samples.add(timestamps, values)
    }
}
