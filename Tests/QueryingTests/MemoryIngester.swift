import ChunkCoding
import ClusterInterface
import MetricsModel
import Synchronization

/// What happened, in order.
final class CallList: Sendable {
    private let calls = Mutex<[String]>([])

    var all: [String] { calls.withLock { $0 } }

    func add(_ call: String) { calls.withLock { $0.append(call) } }
}

/// An ingester that answers from an array.
struct MemoryIngester: IngesterClient {
    /// One series and its samples.
    struct Series: Sendable {
        var labels: Labels
        var samples: [(Int64, Double)]
    }

    /// How it answers.
    enum Mood: Sendable {
        case well
        case failing
        /// Never, until the caller gives up.
        case hanging
    }

    var name = "ingester"
    var data: [TenantID: [Series]] = [:]
    /// Exemplars of a tenant, by series.
    var exemplars: [TenantID: [SelectedExemplars]] = [:]
    var metadata: [TenantID: [SeenMetadata]] = [:]
    var mood = Mood.well
    var calls = CallList()
    /// Answers only when this one has been asked.
    var waitsFor: String?
    /// Before this time samples may be in blocks only.
    var wholeSince = Int64.min

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        throw IngesterError.notAcceptingWrites(state: "a test")
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        try await found(request).map { series in
            // Several chunks, the last of which repeats the end of the one before.
            let half = series.samples.count / 2
            let parts = [series.samples.prefix(half + 1), series.samples.suffix(from: half)]
            return SelectedSeries(
                labels: series.labels,
                chunks: parts.filter { !$0.isEmpty }.map { part in
                    EncodedChunk.encode(part.map(\.0), part.map(\.1))
                }
            )
        }
    }

    func series(_ request: SelectRequest) async throws -> [Labels] {
        try await found(request).map(\.labels)
    }

    func labelNames(_ request: SelectRequest) async throws -> [String] {
        Set(try await found(request).flatMap { $0.labels.pairs.map(\.name) }).sorted()
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        Set(try await found(request).compactMap { $0.labels.value(of: name) }).sorted()
    }

    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        try await answer()
        return (exemplars[request.tenant] ?? []).compactMap { series in
            guard request.matchers.allMatch(series.labels) else { return nil }
            let found = series.exemplars.filter { request.range.contains($0.timestamp) }
            return found.isEmpty
                ? nil : SelectedExemplars(labels: series.labels, exemplars: found)
        }
    }

    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        try await answer()
        return (metadata[request.tenant] ?? []).filter {
            request.metric == nil || $0.metadata.name == request.metric
        }
    }

    func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64 {
        calls.add("\(name) whole")
        return max(wholeSince, departure)
    }

    private func found(_ request: SelectRequest) async throws -> [Series] {
        try await answer()
        return (data[request.tenant] ?? []).filter { series in
            request.matchers.allMatch(series.labels)
                && series.samples.contains { request.range.contains($0.0) }
        }.sorted { $0.labels < $1.labels }
    }

    /// Answers in its mood.
    private func answer() async throws {
        calls.add(name)
        if let waitsFor { await eventually { calls.all.contains(waitsFor) } }
        switch mood {
        case .well: break
        case .failing: throw IngesterError.notAcceptingReads(state: "broken")
        case .hanging: try await Task.sleep(for: .seconds(3600))
        }
    }
}
