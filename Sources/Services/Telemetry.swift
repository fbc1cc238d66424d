internal import CoreMetrics
internal import Logging
internal import PrometheusAPI
internal import ServiceSupport

/// Logs and metrics of the process; made once, before anything else.
struct Telemetry: Sendable {
    let registry: PrometheusMetricsRegistry
    let logger: Logger

    init(_ configuration: LoadedConfiguration) {
        ServiceLogHandler.bootstrap(configuration.settings.telemetry)
        registry = PrometheusMetricsRegistry()
        registry.describe(MetricDescriptions.all)
        registry.addCollector(ProcessMetrics.collect)
        registry.addCollector(ProcessMetrics.buildInformation(version: BuildInformation.version))
        MetricsSystem.bootstrap(registry)
        logger = Logger(label: configuration.executable.name)
    }

    /// What `/metrics`, `/ready`, `/config` and `/runtime_config` answer.
    func operations(
        _ configuration: LoadedConfiguration,
        limits: LimitsInForce,
        readiness: Readiness
    ) -> OperationsAPI.Sources {
        let registry = registry
        let yaml = configuration.effectiveYAML
        return OperationsAPI.Sources(
            metrics: { registry.render() },
            readiness: { readiness.report() },
            configuration: { yaml },
            overrides: { limits.overrides.yaml(onlyDifferences: $0) }
        )
    }
}
