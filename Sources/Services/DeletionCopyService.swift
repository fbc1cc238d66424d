internal import Logging
internal import Querying
internal import ServiceLifecycle

/// Keeps the copy of the deletions fresh that queries go by while the store is away.
struct DeletionCopyService: Service {
    let copy: DeletionCopy
    let store: Store
    let logger: Logger

    /// How old the copy is at most when the store goes away.
    private static let interval = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    try await copy.refresh(from: store.kind)
                } catch {
                    logger.debug("deletions cannot be read", metadata: ["error": "\(error)"])
                }
                // Processes that started together do not ask together.
                let pause = Self.interval * Double.random(in: 0.8...1)
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            } while true
        }
    }
}
