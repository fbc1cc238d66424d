internal import BlockFormat
internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel
internal import PromQL
internal import Synchronization

/// An ingester with the samples of a script in its head.
final class HeadIngester: IngesterClient {
    private let head: Mutex<Head>

    /// Stores samples in order of time, series by series.
    ///
    /// - Throws: ``StorageFault`` where the head refuses one.
    init(_ series: [SeriesSamples]) throws {
        var settings = HeadSettings()
        // Small, so that chunks end inside of most windows.
        settings.samplesPerChunk = 7
        var head = Head(settings: settings)
        for one in series { try Self.store(one, in: &head) }
        self.head = Mutex(head)
    }

    private static func store(_ series: SeriesSamples, in head: inout Head) throws {
        guard series.samples.histograms.values.allSatisfy(\.isStorable) else {
            throw StorageFault(reason: "\(series.labels) has a histogram that cannot be stored")
        }
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: series.labels)
        let reference = try series.labels.key.withUnsafeBufferPointer { key in
            try head.createSeries(fingerprint, key: key)
        }
        let samples = series.samples
        var floats = samples.timestamps.indices
        var histograms = samples.histograms.timestamps.indices
        while !floats.isEmpty || !histograms.isEmpty {
            let time = floats.first.map { samples.timestamps[$0] } ?? .max
            let histogramTime = histograms.first.map { samples.histograms.timestamps[$0] } ?? .max
            let outcome =
                time < histogramTime
                ? append(floats.removeFirst(), of: samples, to: reference, in: &head)
                : append(histograms.removeFirst(), of: samples.histograms, to: reference, in: &head)
            guard outcome == .stored else {
                throw StorageFault(
                    reason: "the head does not store \(series.labels) at "
                        + "\(min(time, histogramTime)): \(outcome)"
                )
            }
        }
    }

    private static func append(
        _ index: Int,
        of samples: SampleColumns,
        to series: SeriesReference,
        in head: inout Head
    ) -> AppendOutcome {
        head.append(
            timestamp: samples.timestamps[index],
            value: samples.values[index],
            start: samples.startTimestamps.isEmpty ? 0 : samples.startTimestamps[index],
            to: series,
            lateWindow: 0,
            now: samples.timestamps[index],
            segment: 0
        )
    }

    private static func append(
        _ index: Int,
        of samples: HistogramColumns,
        to series: SeriesReference,
        in head: inout Head
    ) -> AppendOutcome {
        head.append(
            timestamp: samples.timestamps[index],
            histogram: samples.values[index],
            start: samples.startTimestamps.isEmpty ? 0 : samples.startTimestamps[index],
            to: series,
            lateWindow: 0,
            now: samples.timestamps[index],
            segment: 0
        )
    }

    /// Cuts all samples before a time (ms) and returns them as blocks, one for each window.
    func flush(before end: Int64) throws -> [NewBlock] {
        try head.withLock { head in
            guard head.beginCut(id: 1, before: end) else { return [] }
            var blocks: [NewBlock] = []
            for window in head.cutWindows(1) {
                let series = head.cutSeries(1, window: window, slice: 0..<head.cutSeriesCount(1))
                blocks.append(try Self.block(of: series))
            }
            head.finishCut(1)
            return blocks
        }
    }

    private static func block(of series: [CutSeries]) throws -> NewBlock {
        var builder = BlockBuilder(range: .all)
        var samples = SampleColumns()
        for one in series {
            one.decode(into: &samples)
            builder.add(labels: one.labels, fingerprint: one.fingerprint, samples: samples)
        }
        return NewBlock(try builder.finish(), of: .anonymous, level: 0)
    }

    // MARK: IngesterClient

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        throw IngesterError.notAcceptingWrites(state: "filled by a script")
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        head.withLock { $0.select(request.matchers, request.range) }
            .map { SelectedSeries(labels: $0.labels, chunks: $0.chunks) }
    }

    func series(_ request: SelectRequest) async throws -> [Labels] {
        head.withLock { $0.series(request.matchers, request.range) }
    }

    func labelNames(_ request: SelectRequest) async throws -> [String] {
        head.withLock { $0.labelNames(request.matchers, request.range) }
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        head.withLock { $0.labelValues(name, request.matchers, request.range) }
    }

    /// Scripts have none.
    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] { [] }

    /// Scripts have none.
    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { [] }
}
