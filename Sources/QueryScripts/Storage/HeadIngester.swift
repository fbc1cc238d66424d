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
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: series.labels)
        let reference = try series.labels.key.withUnsafeBufferPointer { key in
            try head.createSeries(fingerprint, key: key)
        }
        let samples = series.samples
        guard samples.histograms.isEmpty, samples.startTimestamps.isEmpty else {
            throw StorageFault(
                reason: "a head stores neither histograms nor start timestamps: \(series.labels)"
            )
        }
        for (timestamp, value) in zip(samples.timestamps, samples.values) {
            let outcome = head.append(
                timestamp: timestamp,
                value: value,
                to: reference,
                lateWindow: 0,
                now: timestamp,
                segment: 0
            )
            guard outcome == .stored else {
                throw StorageFault(
                    reason: "the head does not store \(series.labels) at \(timestamp): \(outcome)"
                )
            }
        }
    }

    /// Cuts all samples before a time (ms) and returns them as blocks, one for each window.
    func flush(before end: Int64) throws -> [NewBlock] {
        try head.withLock { head in
            guard head.beginCut(id: 1, before: end) else { return [] }
            var blocks: [NewBlock] = []
            for window in head.cutWindows(1) {
                let series = head.cutSeries(1, window: window, slice: 0..<head.cutSeriesCount(1))
                blocks.append(try Self.block(of: series, number: UInt64(blocks.count)))
            }
            head.finishCut(1)
            return blocks
        }
    }

    private static func block(of series: [CutSeries], number: UInt64) throws -> NewBlock {
        var builder = BlockBuilder(range: .all)
        for one in series {
            var timestamps: [Int64] = []
            var values: [Double] = []
            one.decode(appendingTo: &timestamps, &values)
            builder.add(
                labels: one.labels,
                fingerprint: one.fingerprint,
                timestamps: timestamps,
                values: values
            )
        }
        let block = try builder.finish()
        return NewBlock(
            record: BlockRecord(
                tenant: .anonymous,
                id: BlockID(high: 0, low: number),
                range: TimeRange(start: block.minTime, end: block.maxTime + 1),
                level: 0,
                seriesCount: block.seriesCount,
                sampleCount: block.sampleCount,
                size: block.body.count,
                directory: block.directory
            ),
            metrics: block.metrics.map {
                MetricSummary(
                    name: $0.name,
                    seriesCount: $0.seriesCount,
                    sampleCount: $0.sampleCount
                )
            },
            body: block.body
        )
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
}
