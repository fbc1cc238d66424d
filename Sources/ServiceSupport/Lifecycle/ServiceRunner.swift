import Glibc
public import Logging
public import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs the services of a process until a signal or a failure ends them.
public enum ServiceRunner {
    /// How long a service may go on after its task was cancelled; then the process is ended hard.
    static let cancellationBound = Duration.seconds(10)

    /// Runs until SIGTERM or SIGINT, or until a service ends or fails.
    ///
    /// On a signal the services stop one after the other, the last of the list first. What has not
    /// stopped within `shutdownBound` is cancelled.
    ///
    /// - Returns: Success only if every service stopped gracefully in time.
    public static func run(
        _ services: [any Service],
        logger: Logger,
        shutdownBound: Duration
    ) async -> ExitCode {
        // A peer that hangs up while we write is an error of that write, not our end.
        signal(SIGPIPE, SIG_IGN)
        let watch = ShutdownWatch()
        var configuration = ServiceGroupConfiguration(
            // The watch is last, so it hears of the shutdown before the others are asked to stop.
            services: services + [watch],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = shutdownBound
        configuration.maximumCancellationDuration = cancellationBound
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            logger.error("service failed", metadata: ["error": "\(error)"])
            return .failure
        }
        guard let duration = watch.sinceShutdown(), duration < shutdownBound else {
            logger.error(
                "shutdown took too long",
                metadata: ["bound": "\(DurationText.format(shutdownBound))"]
            )
            return .failure
        }
        logger.info("stopped")
        return .success
    }
}

/// Notes when the graceful shutdown began.
private final class ShutdownWatch: Service, CustomStringConvertible {
    /// What the log calls this service.
    var description: String { "shutdown watch" }

    private let start = Mutex<ContinuousClock.Instant?>(nil)

    func run() async throws {
        try await gracefulShutdown()
        start.withLock { $0 = .now }
    }

    /// Nil when no shutdown was asked for.
    func sinceShutdown() -> Duration? { start.withLock { $0.map { .now - $0 } } }
}
