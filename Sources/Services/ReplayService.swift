internal import Ingestion
internal import ServiceLifecycle
internal import ServiceSupport

/// Reads the log at the start of a single process, which takes writes meanwhile, and then lets it answer reads.
struct ReplayService: Service {
    let node: IngesterNode
    let readiness: Readiness

    func run() async throws {
        do {
            // What is not read stays in the log for the next start.
            try await cancelWhenGracefulShutdown { try await node.replay() }
        } catch is CancellationError {
            return
        }
        node.ingester.setLife(.active)
        readiness.set(RingMemberService.condition, .ready)
        try? await gracefulShutdown()
    }
}
