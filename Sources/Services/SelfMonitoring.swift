internal import ClusterInterface
internal import Distribution
internal import Logging
internal import MetricsModel
internal import RemoteWrite
internal import ServiceLifecycle
internal import ServiceSupport

/// Stores the process' own metrics as a tenant's Prometheus would, so that a first query finds something.
struct SelfMonitoring: Service {
    let distributor: Distributor
    let limits: LimitsTable
    let registry: PrometheusMetricsRegistry
    let tenant: TenantID
    let instance: String
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await store()
            } while (try? await Task.sleep(for: interval)) != nil
        }
    }

    private func store() async {
        let now = WallClock.milliseconds()
        var request = WriteRequestEncoder()
        request.add(labels(of: "up", []), timestamp: now, value: 1)
        for (name, labels, value) in registry.samples() {
            request.add(self.labels(of: name, labels), timestamp: now, value: value)
        }
        do {
            let outcome = try await distributor.push(
                tenant: tenant,
                body: request.compressed(),
                now: now,
                limits: WriteLimits(limits.limits(for: tenant))
            )
            if let message = outcome.message {
                logger.warning("own metrics were refused", metadata: ["error": "\(message)"])
            }
        } catch {
            // The ingester may still read its log.
            logger.debug("own metrics were not stored", metadata: ["error": "\(error)"])
        }
    }

    private func labels(of name: String, _ labels: [MetricLabel]) -> Labels {
        var builder = LabelsBuilder()
        for label in labels { builder.set(label.name, label.value) }
        builder.set(Labels.metricName, name)
        builder.set("job", "engram")
        builder.set("instance", instance)
        return builder.build()
    }
}
