internal import BlockFormat
internal import ChunkCoding
internal import ClusterInterface
internal import MetricsModel
internal import PromQL
internal import Synchronization

/// The series of one selector and one tenant from all places, joined by fingerprint and decoded when read.
///
/// Series are in the order of their fingerprints: it is the same whatever places hold them.
struct GatheredSeries: SeriesSource {
    /// A series in one place.
    private struct Part {
        let fingerprint: Fingerprint
        /// Blocks first, oldest first, then ingesters.
        let place: Int32
        let index: Int32

        init(_ fingerprint: Fingerprint, _ place: Int, _ index: Int) {
            self.fingerprint = fingerprint
            self.place = Int32(place)
            self.index = Int32(index)
        }
    }

    private let stored: [StoredSelection]
    private let recent: [[SelectedSeries]]
    private let range: TimeRange
    private let oldest: Int64?
    private let parts: [Part]
    /// Where in `parts` each series' parts end.
    private let ends: [Int]
    private let allLabels: [Labels]

    /// - Parameters:
    ///   - oldest: Samples before this time are left out; nil takes all.
    ///   - rename: What becomes of labels, such as the tenant's in a federated query.
    init(
        stored: [StoredSelection],
        recent: [[SelectedSeries]],
        seed: TenantSeed,
        range: TimeRange,
        oldest: Int64? = nil,
        workers: any EvaluationWorkers,
        rename: (@Sendable (Labels) -> Labels)? = nil
    ) {
        var parts: [Part] = []
        parts.reserveCapacity(
            stored.reduce(0) { $0 + $1.series.count } + recent.reduce(0) { $0 + $1.count }
        )
        for (place, selection) in stored.enumerated() {
            for (index, series) in selection.series.enumerated() {
                parts.append(Part(series.fingerprint, place, index))
            }
        }
        for (place, answer) in recent.enumerated() {
            for (index, series) in answer.enumerated() {
                let fingerprint = Fingerprint(seed: seed, labels: series.labels)
                parts.append(Part(fingerprint, stored.count + place, index))
            }
        }
        parts.sort {
            $0.fingerprint == $1.fingerprint
                ? ($0.place, $0.index) < ($1.place, $1.index) : $0.fingerprint < $1.fingerprint
        }
        var ends: [Int] = []
        for index in parts.indices.dropFirst()
        where parts[index].fingerprint != parts[index - 1].fingerprint {
            ends.append(index)
        }
        if !parts.isEmpty { ends.append(parts.count) }
        self.stored = stored
        self.recent = recent
        self.range = range
        self.oldest = oldest
        self.parts = parts
        self.ends = ends
        allLabels = Self.labels(parts, ends, stored, recent, workers, rename)
    }

    /// The labels of all series, from the part that has them at hand; building others takes threads.
    private static func labels(
        _ parts: [Part],
        _ ends: [Int],
        _ stored: [StoredSelection],
        _ recent: [[SelectedSeries]],
        _ workers: any EvaluationWorkers,
        _ rename: (@Sendable (Labels) -> Labels)?
    ) -> [Labels] {
        let spanSize = 256
        let spanCount = (ends.count + spanSize - 1) / spanSize
        let spans = Mutex<[Int: [Labels]]>([:])
        workers.forEach(spanCount) { span in
            let labels = (span * spanSize..<min(ends.count, (span + 1) * spanSize)).map { series in
                let part = parts[ends[series] - 1]
                let place = Int(part.place) - stored.count
                let labels =
                    place >= 0
                    ? recent[place][Int(part.index)].labels
                    : stored[Int(part.place)].series[Int(part.index)].labels
                return rename?(labels) ?? labels
            }
            spans.withLock { $0[span] = labels }
        }
        let built = spans.withLock { $0 }
        return (0..<spanCount).flatMap { built[$0] ?? [] }
    }

    var count: Int { ends.count }

    func labels(at index: Int) -> Labels { allLabels[index] }

    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        allLabels[index].key.withUnsafeBufferPointer(body)
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        var merge = SampleMerge(columns)
        for part in parts[(index == 0 ? 0 : ends[index - 1])..<ends[index]] {
            let place = Int(part.place) - stored.count
            if place >= 0 {
                for chunk in recent[place][Int(part.index)].chunks
                where chunk.maxTime >= range.start && chunk.minTime < range.end {
                    try merge.add { try Self.decode(chunk, into: &$0) }
                }
            } else {
                try merge.add { try stored[Int(part.place)].decode(Int(part.index), into: &$0) }
            }
        }
        columns = merge.columns
        if let oldest { columns.removeAll(before: oldest) }
    }

    /// No chunk of ours is near it; one that claims more is damaged.
    private static let maximumSamplesPerChunk = 1 << 20

    private static func decode(_ chunk: EncodedChunk, into columns: inout SampleColumns) throws {
        do {
            try chunk.decode(maximumCount: maximumSamplesPerChunk, into: &columns)
        } catch {
            throw QueryError.damaged("a chunk from an ingester cannot be read: \(error)")
        }
    }
}
