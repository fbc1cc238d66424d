public import CoreMetrics
public import Logging
public import ServiceLifecycle

/// Looks at the overrides file again and again, and puts changed limits into force until the process stops.
public final class OverridesWatch<WaitClock: Clock>: Service where WaitClock.Duration == Duration {
    private let settings: ServiceSettings
    private let executable: Executable
    private let content: [UInt8]?
    private let apply: @Sendable (TenantOverrides) -> Void
    private let clock: WaitClock
    private let now: @Sendable () -> Int64
    private let logger: Logger
    /// `engram_overrides_reload_failed`: 1 while the file has a mistake or cannot be read.
    private let failed: Gauge
    /// `engram_overrides_last_reload_success_timestamp_seconds`: when a file without mistake was last read.
    private let lastSuccess: Gauge

    /// - Parameters:
    ///   - configuration: With the overrides that are in force already.
    ///   - clock: Measures the time between two looks.
    ///   - now: Wall clock, in milliseconds since the Unix epoch.
    ///   - apply: Puts limits into force.
    public init(
        _ configuration: LoadedConfiguration,
        clock: WaitClock,
        now: @escaping @Sendable () -> Int64,
        metrics: any MetricsFactory = MetricsSystem.factory,
        logger: Logger,
        apply: @escaping @Sendable (TenantOverrides) -> Void
    ) {
        settings = configuration.settings
        executable = configuration.executable
        content = configuration.overrides.content
        self.apply = apply
        self.clock = clock
        self.now = now
        self.logger = logger
        failed = Gauge(label: "engram_overrides_reload_failed", dimensions: [], factory: metrics)
        lastSuccess = Gauge(
            label: "engram_overrides_last_reload_success_timestamp_seconds",
            dimensions: [],
            factory: metrics
        )
    }

    public func run() async throws {
        noteSuccess()
        await cancelWhenGracefulShutdown { [self] in
            var reload = OverridesReload(content: content)
            while (try? await clock.sleep(for: settings.overrides.reloadInterval)) != nil {
                obey(reload.handle(look(), read: read))
            }
        }
    }

    private func look() -> OverridesReload.Look {
        do throws(ConfigurationError) {
            return .content(
                try ConfigurationFile.read(
                    settings.overrides.file,
                    maxSize: TenantOverrides.maxSize
                )
            )
        } catch {
            return .unreadable(error)
        }
    }

    private func read(_ bytes: [UInt8]) throws(ConfigurationError) -> TenantOverrides {
        try TenantOverrides(
            path: settings.overrides.file,
            bytes: bytes,
            defaults: settings,
            executable: executable
        )
    }

    private func obey(_ effect: OverridesReload.Effect) {
        switch effect {
        case .none: break
        case .apply(let overrides):
            apply(overrides)
            noteSuccess()
            logger.info(
                "overrides reloaded",
                metadata: [
                    "file": "\(settings.overrides.file)", "tenants": "\(overrides.entries.count)",
                ]
            )
        case .refuse(let error):
            failed.record(1)
            logger.error(
                "overrides refused, the limits before stay in force",
                metadata: ["file": "\(settings.overrides.file)", "error": "\(error)"]
            )
        }
    }

    private func noteSuccess() {
        failed.record(0)
        lastSuccess.record(Double(now()) / 1000)
    }
}
