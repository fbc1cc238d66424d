internal import ClusterInterface
internal import CoreMetrics
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport

/// Tells the store again and again that this distributor lives, and learns how many do.
///
/// While the store is away the last count stays.
struct DistributorPresence: Service {
    let store: any DistributorStore
    let settings: RingSettings
    /// Of this process among all distributors.
    let name: String
    let logger: Logger
    /// Called with the distributors that live, after each heartbeat.
    let onCount: @Sendable (Int) -> Void
    /// `engram_distributor_live_distributors`.
    private let gauge = Gauge(label: "engram_distributor_live_distributors")

    init(
        store: any DistributorStore,
        settings: RingSettings,
        name: String,
        logger: Logger,
        onCount: @escaping @Sendable (Int) -> Void
    ) {
        self.store = store
        self.settings = settings
        self.name = name
        self.logger = logger
        self.onCount = onCount
    }

    /// A name that no other process has: the address is for people who look.
    static func name(listening address: NetworkAddress) -> String {
        "\(address)-" + String(UInt64.random(in: .min ... .max), radix: 16)
    }

    func run() async throws {
        let isKnown = await cancelWhenGracefulShutdown { [self] in
            var isKnown = false
            repeat {
                isKnown = await beat()
            } while (try? await Task.sleep(for: jittered(settings.pollInterval))) != nil
            return isKnown
        }
        // A store that is away would hold up the stop; the row then ends by itself.
        if isKnown { try? await store.forget(distributor: name) }
    }

    /// - Returns: Whether the store answered.
    private func beat() async -> Bool {
        do {
            let count = try await store.beat(distributor: name, timeout: timeout)
            onCount(count)
            gauge.record(count)
            return true
        } catch {
            logger.warning("distributors cannot be counted", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Three heartbeats at least, so that one that is late does not change the count.
    private var timeout: Duration {
        max(settings.heartbeatTimeout, settings.pollInterval * 4)
    }

    /// Spreads the heartbeats of processes that started together.
    private func jittered(_ interval: Duration) -> Duration {
        interval * Double.random(in: 0.8...1.2)
    }
}
