internal import ClusterInterface
internal import Ingestion
internal import LocalFiles
internal import Logging
internal import ServiceSupport

/// An ingester with its log, as the configuration describes it.
struct IngesterNode: Sendable {
    let ingester: Ingester
    private let log: FileLog
    private let logger: Logger

    /// Takes the data directory for this process alone.
    init(
        _ settings: ServiceSettings,
        limits: LimitsTable,
        store: any BlockStore,
        workers: any WorkerPool,
        logger: Logger
    ) throws {
        var ingestion = IngestionSettings()
        ingestion.blockDuration = settings.ingester.blockDuration.milliseconds
        ingestion.flushDelay = settings.ingester.flushDelay.milliseconds
        log = try FileLog(
            directory: settings.data.directory + "/wal",
            sync: Self.sync(settings.ingester)
        )
        ingester = Ingester(
            settings: ingestion,
            limits: limits,
            log: log,
            store: store,
            workers: workers,
            now: WallClock.milliseconds
        )
        self.logger = logger
    }

    /// Rebuilds the heads from the log of the last run.
    func replay() async throws {
        let began = ContinuousClock.now
        let report = try log.replay { record, segment in
            ingester.replay(record, segment: segment)
        }
        let duration = ContinuousClock.now - began
        ingester.finishReplay(
            seconds: Double(duration.milliseconds) / 1000,
            damagedRecords: report.damaged.count
        )
        for damage in report.damaged {
            logger.error("log record is damaged and left out", metadata: ["position": "\(damage)"])
        }
        logger.info(
            "log replayed",
            metadata: [
                "segments": "\(report.segmentCount)", "records": "\(report.recordCount)",
                "duration": "\(duration)",
            ]
        )
    }

    func close() { log.close() }

    private static func sync(_ settings: IngesterSettings) -> FileLog.Sync {
        switch settings.walSync {
        case .batch: .batch
        case .interval: .interval(settings.walSyncInterval)
        case .off: .off
        }
    }
}
