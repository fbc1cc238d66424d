public import Logging

/// Logs, and the metrics `engram` stores about itself.
public struct TelemetrySettings: Sendable, Equatable {
    /// Key `telemetry.logLevel`.
    public var logLevel = Logger.Level.info
    /// Key `telemetry.logFormat`; text for a terminal, JSON for a collector.
    public var logFormat = LogFormat.text
    /// Key `telemetry.selfMonitoringInterval`; 0 switches it off.
    public var selfMonitoringInterval = Duration.seconds(15)
    /// Key `telemetry.selfMonitoringTenant`.
    public var selfMonitoringTenant = "anonymous"

    static let keys = [
        ConfigurationKey(
            "telemetry.logLevel",
            \.telemetry.logLevel,
            .choice,
            "The least severe messages that are logged."
        ),
        ConfigurationKey(
            "telemetry.logFormat",
            \.telemetry.logFormat,
            .choice,
            "One JSON object a line, or text for people. Logs go to standard error."
        ),
        ConfigurationKey(
            "telemetry.selfMonitoringInterval",
            \.telemetry.selfMonitoringInterval,
            .duration(.zero...Duration.seconds(3600)),
            for: [.engram],
            """
            How often `engram` stores its own metrics, so that a first query finds something; 0 \
            switches this off.
            """
        ),
        ConfigurationKey(
            "telemetry.selfMonitoringTenant",
            \.telemetry.selfMonitoringTenant,
            .tenant,
            for: [.engram],
            "Tenant that gets the metrics of `engram` itself."
        ),
    ]
}
