/// Carries calls between processes, and loses, delays, repeats and reorders them.
///
/// A call ends in its answer, in a failure that the caller cannot tell from others, or at its time limit; whether it was
/// carried out is open unless it was answered. What arrives does so within ``longestDelay``.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class SimulatedNetwork: @unchecked Sendable {
    let simulator: Simulator
    var faults = MessageFaults()
    /// Names of processes that reach each other no more, as `from>to`.
    private var cuts: [String: Int] = [:]

    /// Most time that a message is under way.
    static let longestDelay = Duration.seconds(8)

    init(_ simulator: Simulator) { self.simulator = simulator }

    /// Cuts or mends the way from one process to another; cuts are counted.
    func cut(from sender: String, to receiver: String, _ isCut: Bool) {
        cuts["\(sender)>\(receiver)", default: 0] += isCut ? 1 : -1
    }

    func mendAll() { cuts = [:] }

    /// Has a role of another process do something.
    ///
    /// - Parameter mayRepeat: Whether the request can arrive twice.
    /// - Throws: ``NetworkError``, or what the other side throws.
    func call<Role: Sendable, Answer: Sendable>(
        from caller: SimulatedProcess,
        to endpoint: Endpoint<Role>,
        within timeout: Duration,
        mayRepeat: Bool = true,
        _ body: @escaping @Sendable (Role) async throws -> Answer
    ) async throws -> Answer {
        let pending = PendingCall<Answer>()
        let answer = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                pending.continuation = continuation
                guard !Task.isCancelled, caller.isAlive, !simulator.isStopped else {
                    return pending.end(.failure(CancellationError()))
                }
                waiting[nextCall] = { pending.end(.failure(CancellationError())) }
                let number = nextCall
                nextCall += 1
                pending.onEnd = { [self] in waiting[number] = nil }
                simulator.after(timeout) { pending.end(.failure(NetworkError.timedOut)) }
                let copies = mayRepeat && simulator.chance.happens(faults.repeatedPerMille) ? 2 : 1
                for _ in 0..<copies { send(pending, from: caller, to: endpoint, body) }
            }
        } onCancel: {
            pending.end(.failure(CancellationError()))
        }
        guard caller.isAlive else { throw CancellationError() }
        return answer
    }

    /// Ends all calls that wait for an answer; for the end of a run.
    func endAll() {
        for number in waiting.keys.sorted() { waiting[number]?() }
    }

    private var waiting: [Int: () -> Void] = [:]
    private var nextCall = 0

    private func send<Role: Sendable, Answer: Sendable>(
        _ pending: PendingCall<Answer>,
        from caller: SimulatedProcess,
        to endpoint: Endpoint<Role>,
        _ body: @escaping @Sendable (Role) async throws -> Answer
    ) {
        guard !isLost(from: caller.name, to: endpoint.name) else { return }
        simulator.after(delay(caller, endpoint.process)) { [self] in
            guard let process = endpoint.process, process.isAlive, let role = endpoint.role else {
                return simulator.after(delay(caller, nil)) {
                    pending.end(.failure(NetworkError.refused))
                }
            }
            process.spawn { [self] in
                let result: Result<Answer, any Error>
                do {
                    result = .success(try await body(role))
                } catch {
                    result = .failure(error)
                }
                guard process.isAlive, !isLost(from: endpoint.name, to: caller.name) else { return }
                simulator.after(delay(caller, process)) { pending.end(result) }
            }
        }
    }

    /// Waits as long as a message of a stream that is open may be under way.
    func pause() async throws {
        try await simulator.sleep(.microseconds(simulator.chance.number(in: 0...2000)))
    }

    func isLost(from sender: String, to receiver: String) -> Bool {
        cuts["\(sender)>\(receiver)", default: 0] > 0
            || simulator.chance.happens(faults.lostPerMille)
    }

    private func delay(_ first: SimulatedProcess, _ second: SimulatedProcess?) -> Duration {
        var microseconds = simulator.chance.number(in: 200...2000)
        if simulator.chance.happens(faults.latePerMille) {
            microseconds += simulator.chance.number(in: 0...3_000_000)
        }
        for slowness in [first.slowness, second?.slowness ?? .zero] where slowness > .zero {
            microseconds += simulator.chance.number(in: 0...slowness.microseconds)
        }
        return min(.microseconds(microseconds), Self.longestDelay)
    }
}

/// How many of a thousand messages what happens to.
struct MessageFaults {
    var lostPerMille = 0
    /// Up to three seconds late, and so behind others.
    var latePerMille = 0
    /// Requests that arrive twice.
    var repeatedPerMille = 0
}

/// Where a role can be called: whatever process has it now.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class Endpoint<Role: Sendable>: @unchecked Sendable {
    let name: String
    private(set) var process: SimulatedProcess?
    private(set) var role: Role?

    init(_ name: String) { self.name = name }

    func serve(_ role: Role, in process: SimulatedProcess) {
        self.role = role
        self.process = process
    }

    func close() {
        role = nil
        process = nil
    }
}

/// What a caller knows of a call that was not answered.
enum NetworkError: Error, CustomStringConvertible {
    case timedOut
    /// Nobody listens there.
    case refused

    var description: String {
        switch self {
        case .timedOut: "no answer in time"
        case .refused: "connection refused"
        }
    }
}

/// A call that waits for its first answer.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
private final class PendingCall<Answer: Sendable>: @unchecked Sendable {
    var continuation: CheckedContinuation<Answer, any Error>?
    var onEnd: () -> Void = {}

    func end(_ result: Result<Answer, any Error>) {
        guard let waiting = continuation else { return }
        continuation = nil
        onEnd()
        waiting.resume(with: result)
    }
}
