internal import Glibc

/// Virtual time, the events in it, and the one thread that all tasks of a simulation run on.
///
/// Tasks that are ready run in an order drawn by the seed; then the next event happens, and time jumps to it. Nothing else
/// decides anything, so a seed gives the same run each time.
///
/// Sendable, since all its state is touched by the thread that made it alone: tasks run inside ``run(until:)``, and
/// ``enqueue(_:)`` traps where another thread comes.
final class Simulator: TaskExecutor, @unchecked Sendable {
    /// Since the beginning, in microseconds.
    private(set) var now: Int64 = 0
    var chance: Chance
    let trace: Trace
    /// Whether the run is over: nobody sleeps or waits for an answer any more.
    private(set) var isStopped = false
    /// Parts of tasks that ran, and events.
    private(set) var stepCount = 0
    private let startOfTime: Int64
    private var ready: [UnownedJob] = []
    private var events = EventQueue()
    private var sleepers: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var nextSleeper = 0
    private let thread = pthread_self()

    /// - Parameter startOfTime: What a clock that is right shows at the beginning, in milliseconds since the Unix epoch.
    init(seed: UInt64, startOfTime: Int64, keepsWholeTrace: Bool) {
        chance = Chance(seed: seed)
        trace = Trace(keepsAll: keepsWholeTrace)
        self.startOfTime = startOfTime
    }

    /// What a clock that is right shows, in milliseconds since the Unix epoch.
    var wallClock: Int64 { startOfTime + now / 1000 }

    // MARK: Tasks

    func enqueue(_ job: consuming ExecutorJob) {
        precondition(
            pthread_equal(pthread_self(), thread) != 0,
            "a task of a simulation was woken by another thread: something in it waits for real time"
        )
        ready.append(UnownedJob(job))
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    /// Starts a task.
    func spawn(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: self) { await body() }
    }

    // MARK: Time

    /// Runs what happens up to a time, in microseconds since the beginning.
    func run(until end: Int64) {
        while true {
            runReady()
            guard !isStopped, let event = events.popFirst(noLaterThan: end) else { break }
            now = max(now, event.time)
            stepCount += 1
            event.action()
        }
        now = max(now, end)
    }

    /// Has something happen later.
    func after(_ delay: Duration, _ action: @escaping () -> Void) {
        guard !isStopped else { return }
        events.add(at: now + delay.microseconds, action)
    }

    /// Returns when time has passed; throws `CancellationError` where the task is cancelled or the run is over.
    func sleep(_ duration: Duration) async throws {
        let id = nextSleeper
        nextSleeper += 1
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled, !isStopped else {
                    return continuation.resume(throwing: CancellationError())
                }
                sleepers[id] = continuation
                after(duration) { [self] in sleepers.removeValue(forKey: id)?.resume() }
            }
        } onCancel: {
            sleepers.removeValue(forKey: id)?.resume(throwing: CancellationError())
        }
    }

    /// Ends the run: everything that waits is told so, and all tasks come to their end.
    func stop(_ others: () -> Void) {
        isStopped = true
        events = EventQueue()
        for id in sleepers.keys.sorted() {
            sleepers.removeValue(forKey: id)?.resume(throwing: CancellationError())
        }
        others()
        runReady()
    }

    private func runReady() {
        while !ready.isEmpty {
            ready.swapAt(chance.index(below: ready.count), ready.count - 1)
            stepCount += 1
            ready.removeLast().runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
