/// When to try the database again after it did not answer.
///
/// Without it every call during an outage would pay for a connection attempt.
struct ReconnectBackoff {
    private(set) var delay = Duration.zero
    private var notBefore: ContinuousClock.Instant?
    /// Why the last attempt failed.
    private(set) var cause = ""

    static let firstDelay: Duration = .milliseconds(50)
    static let longestDelay: Duration = .seconds(2)

    /// Whether an attempt is due.
    func mayConnect(at now: ContinuousClock.Instant) -> Bool {
        notBefore.map { now >= $0 } ?? true
    }

    mutating func connectFailed(at now: ContinuousClock.Instant, cause: String) {
        delay = min(max(delay * 2, Self.firstDelay), Self.longestDelay)
        notBefore = now + delay
        self.cause = cause
    }

    mutating func connected() { self = ReconnectBackoff() }
}
