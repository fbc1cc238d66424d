import ChunkCoding
import ClusterInterface
import MetricsModel
import Testing

@testable import ClusterTransport

/// A message whose bytes are kept in a file, with what it says.
struct RecordedMessage: Sendable, CustomTestStringConvertible {
    /// Of the file, without its ending.
    let name: String
    /// What this program writes.
    let bytes: [UInt8]
    /// Reads bytes; whether they say what the message says.
    let isRead: @Sendable ([UInt8]) throws -> Bool

    var testDescription: String { name }

    private init<Message: WireMessage>(
        _ name: String,
        _ message: Message,
        _ isSame: @escaping @Sendable (Message) -> Bool
    ) {
        self.name = name
        bytes = message.encoded()
        isRead = { isSame(try Message(decoding: $0)) }
    }

    private init(_ name: String, _ message: some WireMessage & Equatable) {
        self.init(name, message) { $0 == message }
    }

    private init(_ name: String, _ batch: WriteBatch) {
        self.init(name, PushMessage(sequence: 77, batch: batch)) { read in
            read.sequence == 77 && read.batch == batch
        }
    }

    private init<Item: ListItem & Equatable>(_ name: String, _ items: [Item]) {
        self.init(name, ListMessage(items)) { $0.items == items }
    }

    /// One of every kind, and of every form that a kind has.
    static let all: [RecordedMessage] =
        batches + replies + failures + requests + [
            RecordedMessage(
                "list-series",
                [
                    SelectedSeries(labels: labels, chunks: [chunk, chunk]),
                    SelectedSeries(labels: .empty, chunks: []),
                ]
            ),
            RecordedMessage("list-labels", [labels, Labels.empty]),
            RecordedMessage("list-texts", ["job", "", "größe"]),
            RecordedMessage("list-empty", [String]()),
            RecordedMessage(
                "list-exemplars",
                [SelectedExemplars(labels: labels, exemplars: [exemplar(5), exemplar(-7)])]
            ),
            RecordedMessage("list-metadata", [SeenMetadata(metadata, lastSeen: 1_700_000_000_000)]),
            RecordedMessage("list-counted-series", [CountedSeries.some]),
            RecordedMessage("piece-series", piece),
            RecordedMessage(
                "piece-last",
                SeriesPieceMessage(PackedSeries(), isLast: true, total: 3)
            ),
        ]

    private static var piece: SeriesPieceMessage {
        var series = PackedSeries()
        series.append(
            Fingerprint(high: 1, low: 2),
            SelectedSeries(labels: labels, chunks: [chunk, chunk])
        )
        series.append(Fingerprint(high: 3, low: 0), SelectedSeries(labels: .empty, chunks: []))
        return SeriesPieceMessage(series, isLast: false, total: 3)
    }

    private static let labels: Labels = ["__name__": "up", "job": "größe"]
    private static let chunk = EncodedChunk(
        minTime: -1,
        maxTime: 15_000,
        count: 2,
        bytes: [1, 2, 3, 250]
    )
    private static let metadata = MetricMetadata(name: "up", kind: .gauge, help: "Größe", unit: "s")

    private static func exemplar(_ time: Int64) -> Exemplar {
        Exemplar(labels: ["trace_id": "abc"], timestamp: time, value: 0.5)
    }

    private static var batches: [RecordedMessage] {
        var steady = WriteBatch(tenant: tenant)
        steady.fingerprints = [Fingerprint(high: 1, low: 2), Fingerprint(high: .max, low: 0)]
        steady.keyEnds = [0, 0]
        steady.sampleEnds = [1, 2]
        steady.timestamps = [1_700_000_000_000, 1_700_000_000_250]
        steady.values = [1, -0.5]
        var keyed = steady
        keyed.keys = labels.key
        keyed.keyEnds = [0, UInt32(labels.key.count)]
        keyed.sampleEnds = [0, 2]
        keyed.timestamps = [-1 << 40, 1 << 40]
        var full = keyed
        full.startTimestamps = [0, 9]
        full.histogramEnds = [1, 2]
        full.histograms.timestamps = [1500, 2000]
        full.histograms.startTimestamps = [-1, 5]
        full.histograms.values = [
            Histogram(count: 3, sum: 4, positive: .init(indexes: [0, 4], counts: [1, 2])),
            Histogram(schema: Histogram.customSchema, resetHint: .gauge, customBounds: [0.5]),
        ]
        full.exemplarEnds = [0, 2]
        full.exemplars = [exemplar(1000), exemplar(-7)]
        full.metadata = [metadata]
        return [
            RecordedMessage("batch-steady", steady), RecordedMessage("batch-keyed", keyed),
            RecordedMessage("batch-full", full),
        ]
    }

    private static let tenant: TenantID = {
        do { return try TenantID("team-a") } catch { preconditionFailure("\(error)") }
    }()

    private static var replies: [RecordedMessage] {
        let ofMetadata: [RefusalReason] = [.perTenantMetadataLimit, .perMetricMetadataLimit]
        let known = RefusalReason.allCases.filter { $0 != .other && !ofMetadata.contains($0) }
        let noRow = WriteAnswer.Refusal.noRow
        let answer = WriteAnswer(
            unknownRows: [0, 7],
            refusals: known.map { .init(row: 3, sample: 9, reason: $0) }
        )
        return [
            RecordedMessage("reply-stored", PushReply.answer(sequence: 77, answer)),
            RecordedMessage(
                "reply-metadata",
                PushReply.answer(
                    sequence: 77,
                    WriteAnswer(
                        refusals: ofMetadata.map { .init(row: noRow, sample: 9, reason: $0) }
                    )
                )
            ),
            RecordedMessage(
                "reply-failed",
                PushReply.failure(sequence: 78, .ingester(.storageFailed("disk full")))
            ),
            RecordedMessage("reply-goodbye", PushReply.goodbye),
        ]
    }

    private static var failures: [RecordedMessage] {
        let errors: [(String, RemoteFailure)] = [
            ("other", .other("größe")),
            ("writes", .ingester(.notAcceptingWrites(state: "LEAVING"))),
            ("storage", .ingester(.storageFailed("disk full"))),
            ("overloaded", .ingester(.overloaded(what: "series", limit: 1 << 40))),
            ("request", .ingester(.invalidRequest("no message"))),
            ("reads", .ingester(.notAcceptingReads(state: "REPLAYING"))),
        ]
        return errors.map { RecordedMessage("failure-\($0.0)", $0.1) }
    }

    private static var requests: [RecordedMessage] {
        let operations: [LabelMatcher.Operation] = [.equal, .notEqual, .matches, .notMatches]
        let matchers = operations.compactMap {
            try? LabelMatcher(name: "job", operation: $0, value: "a.+")
        }
        let range = TimeRange(start: -5, end: 1_700_000_000_000)
        let selection = SelectRequest(tenant: tenant, matchers: matchers, range: range)
        return [
            RecordedMessage("request-select", SelectMessage(selection)),
            RecordedMessage("request-label-values", SelectMessage(selection, label: "pod")),
            RecordedMessage(
                "request-metadata",
                SelectMessage(MetadataRequest(tenant: tenant, metric: "up"))
            ),
            RecordedMessage(
                "request-everything",
                SelectMessage(.everything(of: .anonymous))
            ),
        ]
    }
}
