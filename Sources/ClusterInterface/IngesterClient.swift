public import ChunkCoding
public import MetricsModel

/// What distributors and queriers ask of one ingester, in this process or over the network.
///
/// Every call may throw ``IngesterError`` or a transport's error, which counts as "did not answer".
public protocol IngesterClient: Sendable {
    /// Stores a batch; returns once it is durable.
    func write(_ batch: WriteBatch) async throws -> WriteAnswer

    /// Series with samples in the range, sorted by labels, their samples as encoded chunks.
    ///
    /// Chunks may reach over the ends of the range, may overlap, and may hold a sample twice.
    func select(_ request: SelectRequest) async throws -> [SelectedSeries]

    /// The series of ``select(_:)`` in order of their fingerprints, piece by piece.
    ///
    /// The next piece is made once the last one was taken, so that neither end holds the answer. A call that returns has handed
    /// over all of it.
    ///
    /// - Parameter take: What it throws ends the call.
    func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws

    /// Label sets of series with samples in the range, sorted.
    func series(_ request: SelectRequest) async throws -> [Labels]

    /// Label names of the series that match, sorted.
    func labelNames(_ request: SelectRequest) async throws -> [String]

    /// Values of one label over the series that match, sorted.
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String]

    /// Exemplars in the range of the series that match, series by series, sorted by labels.
    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars]

    /// Metadata of one metric, or of all, several entries of a metric where senders differ.
    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata]

    /// Stores all samples of a tenant that are in memory when it is asked; returns once their blocks are committed and
    /// the ingester would not store them again after a crash.
    func storeSamples(of tenant: TenantID) async throws

    /// Series with samples in the range, each once, by columns in pieces of bounded size; for counting.
    func countedSeries(_ request: SelectRequest) async throws -> [CountedSeries]

    /// The time from which on every sample of a tenant that this ingester ever took is in its memory, in milliseconds since
    /// the Unix epoch: none of these can be in a block alone. It never goes back while the ingester runs.
    ///
    /// - Parameter departure: What was taken before this time, in milliseconds, others may have taken who have left with
    ///   everything in blocks; the answer is behind all times that such samples can have.
    func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64
}

extension IngesterClient {
    /// From the list, for an ingester that has nothing better.
    public func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        try await streamList(request, take)
    }

    /// Asks for a list and hands it on as if it were a stream.
    public func streamList(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        let seed = TenantSeed(request.tenant)
        let series = try await select(request)
        let order = series.indices.map { (Fingerprint(seed: seed, labels: series[$0].labels), $0) }
            .sorted { $0 < $1 }
        var packer = SeriesPacker()
        for (fingerprint, index) in order {
            for piece in packer.add(fingerprint, series[index]) { try await take(piece) }
        }
        if let piece = packer.finish() { try await take(piece) }
    }

    /// For stand-ins that hold no samples.
    public func storeSamples(of tenant: TenantID) async throws {}

    /// For those that know nothing of what they had before.
    public func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64 { .max }

    public func countedSeries(_ request: SelectRequest) async throws -> [CountedSeries] {
        try await countedByLabelSets(request)
    }

    /// From the label sets alone, for an ingester that has nothing better: chunks stay uncounted.
    public func countedByLabelSets(_ request: SelectRequest) async throws -> [CountedSeries] {
        let seed = TenantSeed(request.tenant)
        var builder = LabelColumnsBuilder()
        for labels in try await series(request) {
            builder.add(Fingerprint(seed: seed, labels: labels), key: labels.key)
        }
        return builder.finish().map { CountedSeries($0) }
    }
}

/// Which series of a tenant are wanted, and over which time.
public struct SelectRequest: Sendable, Equatable {
    public var tenant: TenantID
    /// All must pass; none means every series.
    public var matchers: [LabelMatcher]
    public var range: TimeRange

    public init(tenant: TenantID, matchers: [LabelMatcher], range: TimeRange) {
        self.tenant = tenant
        self.matchers = matchers
        self.range = range
    }
}

/// One series of an answer.
public struct SelectedSeries: Sendable {
    public var labels: Labels
    /// By ascending start.
    public var chunks: [EncodedChunk]

    public init(labels: Labels, chunks: [EncodedChunk]) {
        self.labels = labels
        self.chunks = chunks
    }
}

/// The exemplars of one series of an answer.
public struct SelectedExemplars: Sendable, Equatable {
    public var labels: Labels
    /// By ascending time; not empty.
    public var exemplars: [Exemplar]

    public init(labels: Labels, exemplars: [Exemplar]) {
        self.labels = labels
        self.exemplars = exemplars
    }
}

/// Whose metadata is wanted.
public struct MetadataRequest: Sendable, Equatable {
    public var tenant: TenantID
    /// Nil for all metrics.
    public var metric: String?

    public init(tenant: TenantID, metric: String? = nil) {
        self.tenant = tenant
        self.metric = metric
    }
}

/// Why an ingester did not do what it was asked; a later try, or another replica, may succeed.
public enum IngesterError: Error, Equatable, CustomStringConvertible {
    /// It starts, leaves or is read only.
    case notAcceptingWrites(state: String)
    /// It replays its log: an answer would have holes.
    case notAcceptingReads(state: String)
    /// It cannot make samples durable.
    case storageFailed(String)
    /// More than `limit` of something would be in memory.
    case overloaded(what: String, limit: Int)
    /// The request does not make sense; trying again will not help.
    case invalidRequest(String)

    public var description: String {
        switch self {
        case .notAcceptingWrites(let state): "ingester takes no writes: it is \(state)"
        case .notAcceptingReads(let state): "ingester takes no reads: it is \(state)"
        case .storageFailed(let cause): "ingester cannot store samples: \(cause)"
        case .overloaded(let what, let limit): "ingester is overloaded: more than \(limit) \(what)"
        case .invalidRequest(let what): "ingester refuses the request: \(what)"
        }
    }
}
