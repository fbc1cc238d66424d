import ClusterInterface
import MetricsModel
import Synchronization

/// An ingester in memory that keeps the rules of ``IngesterClient/write(_:)``, and breaks them when told to.
final class FakeIngester: IngesterClient {
    struct Stored: Hashable {
        var fingerprint: Fingerprint
        var timestamp: Int64
        var valueBits: UInt64
    }

    struct State {
        var keys: [Fingerprint: [UInt8]] = [:]
        var samples: Set<Stored> = []
        /// Histograms by series and time.
        var histograms: [Fingerprint: [Int64: Histogram]] = [:]
        /// Exemplars by series.
        var exemplars: [Fingerprint: [Exemplar]] = [:]
        var metadata: [MetricMetadata] = []
        var batches: [WriteBatch] = []
        var fails = false
        /// Timestamps that are refused, and why.
        var refused: [Int64: RefusalReason] = [:]
        /// Metrics whose metadata is refused, and why.
        var refusedMetadata: [String: RefusalReason] = [:]
        /// What it answers instead of what is right.
        var answer: WriteAnswer?
        /// Writes wait while it is closed.
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func set(_ change: @Sendable (inout sending State) -> Void) { state.withLock { change(&$0) } }

    /// Lets everything through that waits.
    func open() {
        let waiting = state.withLock { state in
            state.isClosed = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    var hasWaitingWrites: Bool { state.withLock { !$0.waiting.isEmpty } }
    var samples: Set<Stored> { state.withLock { $0.samples } }
    var histograms: [Fingerprint: [Int64: Histogram]] { state.withLock { $0.histograms } }
    var exemplars: [Fingerprint: [Exemplar]] { state.withLock { $0.exemplars } }
    var metadata: [MetricMetadata] { state.withLock { $0.metadata } }
    var batches: [WriteBatch] { state.withLock { $0.batches } }
    var keys: Set<[UInt8]> { state.withLock { Set($0.keys.values) } }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        await withCheckedContinuation { continuation in
            let mayGo = state.withLock { state in
                if state.isClosed { state.waiting.append(continuation) }
                return !state.isClosed
            }
            if mayGo { continuation.resume() }
        }
        return try state.withLock { try Self.store(batch, in: &$0) }
    }

    private static func store(
        _ batch: WriteBatch,
        in state: inout State
    ) throws -> WriteAnswer {
        state.batches.append(batch)
        if state.fails { throw IngesterError.storageFailed("disk is away") }
        if let answer = state.answer { return answer }
        guard batch.isConsistent else { throw IngesterError.invalidRequest("columns differ") }
        var answer = WriteAnswer()
        for row in 0..<batch.rowCount {
            let fingerprint = batch.fingerprints[row]
            let key = Array(batch.keys[batch.keyRange(ofRow: row)])
            if key.isEmpty, state.keys[fingerprint] == nil {
                answer.unknownRows.append(UInt32(row))
                continue
            }
            if !key.isEmpty { state.keys[fingerprint] = key }
            for sample in batch.sampleRange(ofRow: row) {
                let timestamp = batch.timestamps[sample]
                if let reason = state.refused[timestamp] {
                    answer.refusals.append(
                        WriteAnswer.Refusal(
                            row: UInt32(row),
                            sample: UInt32(sample),
                            reason: reason
                        )
                    )
                } else {
                    state.samples.insert(
                        Stored(
                            fingerprint: fingerprint,
                            timestamp: timestamp,
                            valueBits: batch.values[sample].bitPattern
                        )
                    )
                }
            }
            for index in batch.histogramRange(ofRow: row) {
                let timestamp = batch.histograms.timestamps[index]
                if let reason = state.refused[timestamp] {
                    answer.refusals.append(
                        WriteAnswer.Refusal(
                            row: UInt32(row),
                            sample: UInt32(batch.timestamps.count + index),
                            reason: reason
                        )
                    )
                } else {
                    let histogram = batch.histograms.values[index]
                    state.histograms[fingerprint, default: [:]][timestamp] = histogram
                }
            }
            for index in batch.exemplarRange(ofRow: row) {
                let exemplar = batch.exemplars[index]
                if let reason = state.refused[exemplar.timestamp] {
                    answer.refusals.append(
                        WriteAnswer.Refusal(
                            row: UInt32(row),
                            sample: UInt32(batch.sampleCount + index),
                            reason: reason
                        )
                    )
                } else {
                    state.exemplars[fingerprint, default: []].append(exemplar)
                }
            }
        }
        for (index, entry) in batch.metadata.enumerated() {
            guard let reason = state.refusedMetadata[entry.name] else {
                state.metadata.append(entry)
                continue
            }
            let number = batch.sampleCount + batch.exemplars.count + index
            answer.refusals.append(
                WriteAnswer.Refusal(
                    row: WriteAnswer.Refusal.noRow,
                    sample: UInt32(number),
                    reason: reason
                )
            )
        }
        return answer
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] { [] }
    func series(_ request: SelectRequest) async throws -> [Labels] { [] }
    func labelNames(_ request: SelectRequest) async throws -> [String] { [] }
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] { [] }
    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] { [] }
    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { [] }
}
