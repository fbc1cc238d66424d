internal import CoreMetrics
internal import Ingestion
internal import LocalFiles
internal import Logging
internal import ServiceLifecycle

/// Looks after an ingester's log and memory: relieves memory before it runs out, and brings a log that failed back.
struct LogWatchService: Service {
    let ingester: Ingester
    let log: FileLog
    let logger: Logger

    private static let interval = Duration.seconds(1)
    /// Between attempts to bring a log back; each flushes what is in memory.
    private static let recoveryInterval = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var metrics = LogMetrics()
            var nextRecovery = ContinuousClock.now
            var lastFailure: String?
            while (try? await Task.sleep(for: Self.interval)) != nil {
                metrics.record(log.statistics, hasFailed: log.failure != nil)
                if let report = await ingester.watchMemory() {
                    logger.warning(
                        "flushed early, since memory is short",
                        metadata: ["blocks": "\(report.blocks)", "samples": "\(report.samples)"]
                    )
                }
                guard let failure = ingester.logFailure else {
                    lastFailure = nil
                    continue
                }
                if failure != lastFailure {
                    logger.error(
                        "log cannot be written, no writes are taken",
                        metadata: ["error": "\(failure)"]
                    )
                }
                lastFailure = failure
                guard ContinuousClock.now >= nextRecovery else { continue }
                if let outcome = await ingester.recoverLog() { report(outcome) }
                nextRecovery = .now + Self.recoveryInterval
            }
        }
    }

    private func report(_ outcome: LogRecovery) {
        switch outcome {
        case .recovered(let report):
            logger.warning(
                "log is written again, writes are taken",
                metadata: ["blocks": "\(report.blocks)", "samples": "\(report.samples)"]
            )
        case .notFlushed(let report):
            logger.warning(
                "not everything is flushed, trying again",
                metadata: ["error": "\(report.failures.first?.cause ?? "")"]
            )
        case .notRestarted(let cause):
            logger.warning("no new log segment can be made", metadata: ["error": "\(cause)"])
        }
    }
}

/// The figures of a log in `/metrics`.
struct LogMetrics {
    private let records = Counter(label: "engram_ingester_wal_records_total")
    private let bytes = Counter(label: "engram_ingester_wal_written_bytes_total")
    private let syncs = Counter(label: "engram_ingester_wal_syncs_total")
    private let failures = Counter(label: "engram_ingester_wal_failures_total")
    private let failed = Gauge(label: "engram_ingester_wal_failed")
    private var last = LogStatistics()

    mutating func record(_ now: LogStatistics, hasFailed: Bool) {
        records.increment(by: now.records - last.records)
        bytes.increment(by: now.bytes - last.bytes)
        syncs.increment(by: now.syncs - last.syncs)
        failures.increment(by: now.failures - last.failures)
        failed.record(hasFailed ? 1 : 0)
        last = now
    }
}
