/// When a tenant whose flush failed is tried again: later after each failure, within a bound.
struct FlushBackoff: Equatable {
    /// Failures since the last success.
    private(set) var failures = 0
    /// Milliseconds since the Unix epoch.
    private var notBefore: Int64 = .min

    /// The wait after the first failure, ms; each further one doubles it.
    static let first: Int64 = 15_000
    /// The longest wait, ms: after an outage all is stored within this time.
    static let longest: Int64 = 300_000

    /// Whether it is time; a clock that was set back delays nothing for longer than ``longest``.
    func isDue(at now: Int64) -> Bool { now >= notBefore || now < notBefore - Self.longest }

    mutating func noteFailure(at now: Int64) {
        let wait = min(Self.longest, Self.first << Int64(min(failures, 10)))
        failures += 1
        notBefore = now + wait
    }

    mutating func noteSuccess() { self = FlushBackoff() }
}
