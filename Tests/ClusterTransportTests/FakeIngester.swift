import ClusterInterface
import MetricsModel
import Synchronization

/// An ingester that does what a test tells it, and counts.
final class FakeIngester: IngesterClient {
    typealias Write = @Sendable (WriteBatch) async throws -> WriteAnswer
    typealias Select = @Sendable (SelectRequest) async throws -> [SelectedSeries]

    private let onWrite: Write
    private let onSelect: Select
    private let onExemplars: @Sendable (SelectRequest) async throws -> [SelectedExemplars]
    private let onMetadata: @Sendable (MetadataRequest) async throws -> [SeenMetadata]
    private let counts = Mutex((running: 0, most: 0))

    init(
        write: @escaping Write = { _ in WriteAnswer() },
        select: @escaping Select = { _ in [] },
        exemplars: @escaping @Sendable (SelectRequest) async throws -> [SelectedExemplars] = {
            _ in []
        },
        metadata: @escaping @Sendable (MetadataRequest) async throws -> [SeenMetadata] = {
            _ in []
        }
    ) {
        onWrite = write
        onSelect = select
        onExemplars = exemplars
        onMetadata = metadata
    }

    /// The most writes that ran at the same time.
    var mostConcurrentWrites: Int { counts.withLock { $0.most } }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        counts.withLock { counts in
            counts.running += 1
            counts.most = max(counts.most, counts.running)
        }
        defer { counts.withLock { $0.running -= 1 } }
        return try await onWrite(batch)
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        try await onSelect(request)
    }

    /// One that shows what it was asked.
    func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64 {
        guard tenant == .anonymous else { throw IngesterError.notAcceptingReads(state: "JOINING") }
        return departure < .max ? departure + 1 : .max
    }

    func series(_ request: SelectRequest) async throws -> [Labels] {
        try await onSelect(request).map(\.labels)
    }

    func labelNames(_ request: SelectRequest) async throws -> [String] {
        var names: Set<String> = []
        for series in try await onSelect(request) {
            names.formUnion(series.labels.pairs.map(\.name))
        }
        return names.sorted()
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        Set(try await onSelect(request).compactMap { $0.labels.value(of: name) }).sorted()
    }

    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        try await onExemplars(request)
    }

    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        try await onMetadata(request)
    }
}

/// Something a test waits for.
final class Event: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func signal() { continuation.yield() }

    /// Returns at the next signal, or when the task is cancelled.
    func wait() async {
        for await _ in stream { return }
    }
}
