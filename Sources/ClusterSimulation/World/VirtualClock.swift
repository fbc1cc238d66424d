/// The clock of a simulation for code that takes a clock.
struct VirtualClock: Clock {
    let simulator: Simulator

    struct Instant: InstantProtocol {
        /// Since the beginning.
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        func duration(to other: Instant) -> Duration { other.offset - offset }

        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    var now: Instant { Instant(offset: .microseconds(simulator.now)) }

    var minimumResolution: Duration { .microseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await simulator.sleep(now.duration(to: deadline))
    }
}
