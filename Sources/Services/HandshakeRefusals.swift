internal import ClusterTransport
internal import CoreMetrics
internal import Logging
internal import Synchronization

/// Counts connections that TLS refused, and logs some of them: whoever is refused may come again and again.
final class HandshakeRefusals: Sendable {
    private let logger: Logger
    private let counters: [RefusedHandshake.Side: Counter]
    private let state = Mutex<(quietUntil: ContinuousClock.Instant, silent: Int)>((.now, 0))

    /// At most one line of the log in this time.
    private static let quietTime = Duration.seconds(10)

    init(logger: Logger) {
        self.logger = logger
        counters = Dictionary(
            uniqueKeysWithValues: RefusedHandshake.Side.allCases.map { side in
                let counter = Counter(
                    label: "engram_rpc_tls_handshake_failures_total",
                    dimensions: [("side", side.rawValue)]
                )
                counter.increment(by: 0)
                return (side, counter)
            }
        )
    }

    @Sendable func note(_ refused: RefusedHandshake) {
        counters[refused.side]?.increment()
        let now = ContinuousClock.now
        let silent: Int? = state.withLock { state in
            guard now >= state.quietUntil else {
                state.silent += 1
                return nil
            }
            defer { state = (now + Self.quietTime, 0) }
            return state.silent
        }
        guard let silent else { return }
        logger.warning(
            "TLS handshake failed",
            metadata: [
                "side": "\(refused.side.rawValue)", "peer": "\(refused.peer)",
                "error": "\(refused.cause)", "not_logged_before": "\(silent)",
            ]
        )
    }
}
