internal import ClusterInterface

/// One process from its start to its end, with a wall clock of its own.
///
/// Code cannot be stopped in the middle from outside. So a process that is dead gets no answer any more from anything
/// outside of it, and nothing that it sends arrives; what its tasks still do in their own memory is nobody's.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class SimulatedProcess: @unchecked Sendable {
    let name: String
    let simulator: Simulator
    private(set) var isAlive = true
    /// How far its wall clock is ahead, in milliseconds.
    var clockError: Int64
    /// What each message from it and to it takes longer, at most.
    var slowness = Duration.zero
    private let startedAt: Int64
    private var onEnd: [() -> Void] = []

    init(_ name: String, clockError: Int64, in simulator: Simulator) {
        self.name = name
        self.clockError = clockError
        self.simulator = simulator
        startedAt = simulator.now
    }

    /// Milliseconds since the Unix epoch, as this process believes.
    var wallClock: Int64 { simulator.wallClock + clockError }

    /// Milliseconds since its start, by a clock that does not go back.
    var uptime: Int64 { (simulator.now - startedAt) / 1000 }

    func kill() {
        guard isAlive else { return }
        isAlive = false
        for action in onEnd { action() }
        onEnd = []
    }

    /// Has something done when the process ends.
    func atEnd(_ action: @escaping () -> Void) { onEnd.append(action) }

    func spawn(_ body: @escaping @Sendable () async -> Void) { simulator.spawn(body) }

    /// - Throws: `CancellationError` where the task was cancelled, or the process is dead by then.
    func sleep(_ duration: Duration) async throws {
        try await simulator.sleep(duration)
        guard isAlive else { throw CancellationError() }
    }

    /// Does something again and again for as long as the process lives.
    func repeatedly(
        every interval: ClosedRange<Int64>,
        _ body: @escaping @Sendable () async -> Void
    ) {
        spawn { [self] in
            while (try? await sleep(simulator.chance.milliseconds(interval))) != nil {
                await body()
            }
        }
    }

    func note(_ text: String) { simulator.trace.note("\(name): \(text)", at: simulator.now) }
}

/// Long computations run where they are asked for: there is one thread.
struct InlineWorkers: WorkerPool {
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}
