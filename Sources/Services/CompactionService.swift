internal import ClusterInterface
internal import Compaction
internal import Logging
internal import MetricsModel
internal import ServiceLifecycle
internal import ServiceSupport

/// Goes over all tenants' blocks again and again, until the process stops.
struct CompactionService: Service {
    let compactor: Compactor
    private let interval: Duration
    private let logger: Logger

    init(
        _ settings: ServiceSettings,
        store: Store,
        retention: Retention,
        deletions: DeletionSupport,
        logger: Logger
    ) {
        let workers = BackgroundThreads(count: settings.compactor.concurrency)
        compactor = Compactor(
            settings: Self.settings(settings),
            store: store.kind,
            workers: workers,
            retention: retention,
            deletions: deletions,
            now: WallClock.milliseconds,
            onEvent: { Self.log($0, logger) }
        )
        interval = settings.compactor.interval
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Processes that start together do not all look at the same time.
            while (try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))) != nil {
                do {
                    let report = try await compactor.runPass()
                    guard report.expired + report.removed > 0 else { continue }
                    logger.info(
                        "blocks removed",
                        metadata: [
                            "expired": "\(report.expired)", "removed": "\(report.removed)",
                            "bytes": "\(report.removedBytes)",
                        ]
                    )
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning(
                        "compaction failed, will be tried again",
                        metadata: ["error": "\(error)"]
                    )
                }
            }
        }
    }

    static func settings(_ settings: ServiceSettings) -> CompactionSettings {
        var result = CompactionSettings()
        result.grace = settings.compactor.grace
        result.concurrency = settings.compactor.concurrency
        result.holder = settings.http.listen.description
        return result
    }

    private static func log(_ event: CompactionEvent, _ logger: Logger) {
        switch event {
        case .progressed: break
        case .merged(let report):
            logger.info(
                "blocks merged",
                metadata: [
                    "tenant": "\(report.day.tenant)", "day": "\(report.day.number)",
                    "blocks_in": "\(report.blocksIn)", "blocks_out": "\(report.blocksOut)",
                    "bytes_in": "\(report.bytesIn)", "bytes_out": "\(report.bytesOut)",
                    "series": "\(report.seriesOut)", "samples": "\(report.samplesOut)",
                    "seconds": "\(report.duration / .seconds(1))",
                ]
            )
        case .failed(let day, let cause):
            logger.warning(
                "merge failed, will be tried again",
                metadata: [
                    "tenant": "\(day.tenant)", "day": "\(day.number)", "error": "\(cause)",
                ]
            )
        case .deleted(let tenant, let blocks, let samples):
            logger.info(
                "samples deleted",
                metadata: [
                    "tenant": "\(tenant)", "blocks": "\(blocks)", "samples": "\(samples)",
                ]
            )
        case .deletionFailed(let tenant, let cause):
            logger.warning(
                "deletion waits, will be tried again",
                metadata: ["tenant": "\(tenant)", "error": "\(cause)"]
            )
        case .cleaningFailed(let cause):
            logger.warning(
                "removing blocks failed, will be tried again",
                metadata: ["error": "\(cause)"]
            )
        }
    }
}
