internal import Ingestion
internal import Logging
internal import ServiceLifecycle

/// Flushes windows that are over, again and again, until the process stops.
struct FlushService: Service {
    let ingester: Ingester
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: interval)) != nil {
                report(await ingester.flushDue())
            }
        }
    }

    private func report(_ report: FlushReport) {
        if report.blocks > 0 {
            logger.info(
                "flushed",
                metadata: ["blocks": "\(report.blocks)", "samples": "\(report.samples)"]
            )
        }
        for failure in report.failures {
            logger.warning(
                "flush failed, will be tried again",
                metadata: ["tenant": "\(failure.tenant)", "error": "\(failure.cause)"]
            )
        }
    }
}
