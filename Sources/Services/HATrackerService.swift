internal import ClusterInterface
internal import Distribution
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport

/// Keeps a distributor and the store of one mind about pairs of senders: reads what others elected, writes what was heard
/// here, and plays back what fills a gap.
///
/// While the store is away the last good copy stays in force.
struct HATrackerService: Service {
    let distributor: Distributor
    let pollInterval: Duration
    let updateTimeout: Duration
    let logger: Logger

    /// Every so many polls all rows are read instead of those that were written lately.
    private static let pollsForAll = 12
    /// How often what was heard is looked at, at most.
    private static let longestTick = Duration.seconds(1)
    /// Silent clusters are deleted about this often.
    private static let forgetInterval = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let clock = ContinuousClock()
            var nextPoll = clock.now
            var nextForget = clock.now + jittered(Self.forgetInterval)
            var lastRead: ContinuousClock.Instant?
            var polls = 0
            var isAway = false
            repeat {
                do {
                    if clock.now >= nextPoll {
                        let begin = clock.now
                        nextPoll = begin + jittered(pollInterval)
                        // A transaction that was committed late may have written earlier.
                        let span = polls % Self.pollsForAll == 0 ? nil : lastRead.map { begin - $0 }
                        try await distributor.readElections(
                            changedWithin: span.map { $0 + .seconds(30) },
                            at: WallClock.milliseconds()
                        )
                        lastRead = begin
                        polls += 1
                    }
                    try await distributor.writeElections(at: WallClock.milliseconds())
                    if clock.now >= nextForget {
                        nextForget = clock.now + jittered(Self.forgetInterval)
                        try await distributor.forgetSilentClusters()
                    }
                    if isAway { logger.info("elections of senders can be read again") }
                    isAway = false
                } catch is CancellationError {
                    return
                } catch {
                    if !isAway {
                        logger.warning(
                            "elections of senders cannot be read or written",
                            metadata: ["error": "\(error)"]
                        )
                    }
                    isAway = true
                }
                await distributor.replayElected()
            } while (try? await Task.sleep(for: tick)) != nil
        }
    }

    /// A fraction of what others wait for.
    private var tick: Duration { min(Self.longestTick, updateTimeout / 5, pollInterval / 2) }

    /// Spreads the polls of processes that started together.
    private func jittered(_ interval: Duration) -> Duration {
        interval * Double.random(in: 0.8...1.2)
    }
}
