internal import ClusterTransport
internal import CoreMetrics
internal import Logging
internal import ServiceLifecycle

/// Looks at the TLS files again and again, and takes what has changed.
struct IdentityWatch: Service {
    let identity: TransportIdentity
    let logger: Logger

    /// Three small files: often enough that nobody waits for it.
    static let interval = Duration.seconds(3)

    func run() async throws {
        let failures = Counter(label: "engram_rpc_tls_reload_failures_total")
        let notAfter = Gauge(label: "engram_rpc_tls_certificate_not_after_seconds")
        failures.increment(by: 0)
        notAfter.record(identity.notAfter)
        logger.info("calls have TLS", metadata: metadata)
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                switch identity.look(now: WallClock.milliseconds()) {
                case .unchanged: break
                case .replaced:
                    notAfter.record(identity.notAfter)
                    logger.info("TLS files reloaded", metadata: metadata)
                case .refused(let error):
                    failures.increment()
                    logger.error(
                        "TLS files refused, the certificate before stays in force",
                        metadata: ["error": "\(error)"]
                    )
                }
            }
        }
    }

    private var metadata: Logger.Metadata {
        [
            "serial": "\(identity.serialNumber)",
            "not_after_seconds": "\(identity.notAfter)",
        ]
    }
}
