internal import ClusterInterface
internal import ClusterTransport
internal import HashRing
internal import Logging
internal import Querying
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Keeps the last good copy of the ring: polls the store with jitter, and goes on with what it has when the
/// store is away.
final class RingWatch: Service {
    private struct State {
        var members: [RingMember] = []
        /// Whether the store has ever answered.
        var wasRead = false
        var ring = HashRing(members: [], isHealthy: { _ in false })
        var dead: DeadMembers
    }

    private let store: any RingStore
    private let settings: RingSettings
    private let readiness: Readiness
    private let logger: Logger
    private let state: Mutex<State>
    private let observers: Mutex<[@Sendable ([RingMember]) -> Void]>

    static let condition = "ring"

    /// - Parameter onChange: See ``observe(_:)``.
    init(
        store: any RingStore,
        settings: RingSettings,
        readiness: Readiness,
        logger: Logger,
        onChange: @escaping @Sendable ([RingMember]) -> Void = { _ in }
    ) {
        self.store = store
        self.settings = settings
        self.readiness = readiness
        self.logger = logger
        observers = Mutex([onChange])
        state = Mutex(
            State(
                dead: DeadMembers(
                    heartbeatTimeout: settings.heartbeatTimeout.milliseconds,
                    quorum: Quorum(replicationFactor: settings.replicationFactor)
                )
            )
        )
    }

    /// Has the body called with the members after each poll from now on.
    func observe(_ body: @escaping @Sendable ([RingMember]) -> Void) {
        observers.withLock { $0.append(body) }
    }

    /// The ring as it was last read; writers skip members whose heartbeat is too old or that take no writes.
    var ring: HashRing { state.withLock { $0.ring } }

    var members: [RingMember] { state.withLock { $0.members } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            repeat {
                await poll()
            } while (try? await Task.sleep(for: jittered(settings.pollInterval))) != nil
        }
    }

    /// Reads the ring once.
    func poll() async {
        do {
            let members = try await store.members()
            let timeout = settings.heartbeatTimeout.milliseconds
            state.withLock { state in
                state.members = members
                state.wasRead = true
                state.ring = state.ring.updated(members) {
                    $0.state.takesWrites && $0.heartbeatAge <= timeout
                }
            }
            for observer in observers.withLock({ $0 }) { observer(members) }
            await forgetDead(members)
            let writers = ring.healthyCount
            readiness.set(
                Self.condition,
                writers > 0 ? .ready : .notReady(reason: "no ingester on the ring takes writes")
            )
        } catch {
            // Whoever has a copy goes on with it.
            logger.warning("ring cannot be read", metadata: ["error": "\(error)"])
            if !state.withLock({ $0.wasRead }) {
                readiness.set(
                    Self.condition,
                    .notReady(reason: "the ring was never read: \(error)")
                )
            }
        }
    }

    /// Removes the rows of members that are dead and without which nothing can be lost.
    private func forgetDead(_ members: [RingMember]) async {
        let now = (ContinuousClock.now - Self.origin).milliseconds
        for member in state.withLock({ $0.dead.update(members, at: now) }) {
            do {
                try await store.unregister(member)
                logger.notice(
                    "dead ingester forgotten: all that it took is in blocks",
                    metadata: [
                        "instance": "\(member.instance)",
                        "silent": "\(Duration.milliseconds(member.heartbeatAge))",
                    ]
                )
            } catch {
                // It lives again, or the store is away: the next poll knows.
                logger.debug("ring member stays", metadata: ["error": "\(error)"])
            }
        }
    }

    private static let origin = ContinuousClock.now

    /// Spreads the polls of processes that started together.
    private func jittered(_ interval: Duration) -> Duration {
        interval * Double.random(in: 0.8...1.2)
    }
}
