internal import ClusterInterface
internal import Ingestion
internal import LocalFiles
internal import Logging
internal import PrometheusAPI
internal import ServiceSupport

/// An ingester with its log, as the configuration describes it.
struct IngesterNode: Sendable {
    let ingester: Ingester
    private let log: FileLog
    /// The first segment of this run.
    private let firstSegment: UInt64
    private let workers: any WorkerPool
    private let logger: Logger

    /// Takes the data directory for this process alone.
    ///
    /// - Parameter flushShare: Which series it stores first; nil where nobody else has the same.
    init(
        _ settings: ServiceSettings,
        limits: LimitsTable,
        store: any BlockStore,
        workers: any WorkerPool,
        flushShare: @escaping @Sendable () -> FlushShare?,
        logger: Logger
    ) throws {
        log = try FileLog(
            directory: settings.data.directory + "/wal",
            sync: Self.sync(settings.ingester)
        )
        firstSegment = log.currentSegment
        ingester = Ingester(
            settings: Self.ingestion(settings),
            limits: limits,
            log: log,
            store: store,
            workers: workers,
            now: WallClock.milliseconds,
            flushShare: flushShare
        )
        self.workers = workers
        self.logger = logger
        if try !log.segments(in: 0..<firstSegment).numbers.isEmpty { ingester.beginReplay() }
    }

    /// Rebuilds the heads from the log of the last run: one thread reads, the others append.
    ///
    /// Writes may come meanwhile; they are read last.
    func replay() async throws {
        let began = ContinuousClock.now
        do {
            var report = try await read(0..<firstSegment)
            var next = firstSegment
            var isLast = false
            while !isLast {
                let part = await ingester.endArrivals()
                isLast = part.isLast
                guard let end = part.end else { continue }
                report.add(try await read(next..<end))
                next = end
            }
            finish(report, lasting: ContinuousClock.now - began)
        } catch {
            ingester.abandonReplay(String(describing: error))
            throw error
        }
    }

    /// Reads segments that no more records are written to.
    private func read(_ range: Range<UInt64>) async throws -> ReplayReport {
        var (segments, report) = try log.segments(in: range)
        for segment in segments {
            report.add(try await read(segment))
            if let flushed = await ingester.relieveReplay() {
                logger.info(
                    "flushed while the log is read, since memory is short",
                    metadata: ["blocks": "\(flushed.blocks)", "samples": "\(flushed.samples)"]
                )
            }
        }
        return report
    }

    private func read(_ segment: UInt64) async throws -> ReplayReport {
        let (log, ingester) = (log, ingester)
        let stop = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await workers.run {
                try log.replay(
                    segment: segment,
                    threads: max(1, SystemCores.count - 1),
                    isStopped: { stop.isCancelled }
                ) {
                    ingester.replay($0, segment: $1)
                }
            }
        } onCancel: {
            stop.cancel()
        }
    }

    func close() { log.close() }

    /// Watches the log and the memory, and writes the log's figures to `/metrics`.
    func watch() -> LogWatchService {
        LogWatchService(ingester: ingester, log: log, logger: logger)
    }

    private func finish(_ report: ReplayReport, lasting duration: Duration) {
        var outcome = ReplayOutcome()
        outcome.seconds = Double(duration.milliseconds) / 1000
        outcome.damagedRecords = report.damaged.count
        outcome.unreadableBlocks = report.unreadable.count
        outcome.missingSegments = report.missing.reduce(0) { $0 + $1.count }
        ingester.finishReplay(outcome)
        for damage in report.damaged {
            logger.error("log record is damaged and left out", metadata: ["position": "\(damage)"])
        }
        for position in report.unreadable {
            logger.error("disk cannot be read", metadata: ["position": "\(position)"])
        }
        for missing in report.missing {
            logger.error(
                "log segments are missing",
                metadata: ["first": "\(missing.lowerBound)", "last": "\(missing.upperBound - 1)"]
            )
        }
        for position in report.tornTails {
            logger.info("last write of a segment broke off", metadata: ["position": "\(position)"])
        }
        logger.info(
            "log replayed",
            metadata: [
                "segments": "\(report.segmentCount)", "records": "\(report.recordCount)",
                "bytes": "\(report.byteCount)", "duration": "\(duration)",
            ]
        )
    }

    private static func ingestion(_ settings: ServiceSettings) -> IngestionSettings {
        var ingestion = IngestionSettings()
        ingestion.blockDuration = settings.ingester.blockDuration.milliseconds
        ingestion.flushDelay = settings.ingester.flushDelay.milliseconds
        ingestion.flushSpread = min(
            ingestion.flushSpread,
            ingestion.blockDuration / IngesterSettings.flushesPerBlockDuration
        )
        ingestion.readConcurrency = SystemCores.count
        ingestion.maximumMemory =
            settings.ingester.maxMemory > 0
            ? settings.ingester.maxMemory : SystemMemory.size / IngesterSettings.memoryShare
        return ingestion
    }

    private static func sync(_ settings: IngesterSettings) -> FileLog.Sync {
        switch settings.walSync {
        case .batch: .batch
        case .interval: .interval(settings.walSyncInterval)
        case .off: .off
        }
    }
}
