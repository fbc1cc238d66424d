internal import ClusterInterface
internal import Synchronization
internal import WriteAheadLog

/// What stands between those who append to a log and the thread that writes it.
final class LogQueue: Sendable {
    /// One order to the writing thread.
    enum Order: Sendable {
        case write([UInt8])
        case startSegment(UInt64)
        case removeSegments(below: UInt64)
    }

    /// Orders to be done together, and the record that is the last of them.
    struct Work: Sendable {
        var orders: [Order]
        var lastSequence: UInt64
    }

    private struct State {
        var segment: UInt64
        /// Bytes of the current segment, those that wait included.
        var segmentSize = SegmentHeader.size
        var orders: [Order] = []
        var waitingSize = 0
        /// The newest record's place, and the newest that was queued: after a failure none is.
        var lastSequence: UInt64 = 0
        var lastQueued: UInt64 = 0
        var durable: UInt64 = 0
        var waiters: [Waiter] = []
        var isClosing = false
        /// Whether the writing thread waits, or is about to, and nobody has woken it yet.
        var isAsleep = false
        /// Why no record is written any more.
        var failure: FileLogError?
    }

    private struct Waiter {
        let sequence: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let state: Mutex<State>
    private let wakeUp = WakeUp()
    private let segmentCapacity: Int
    private let maximumWaitingSize: Int

    init(firstSegment: UInt64, segmentCapacity: Int, maximumWaitingSize: Int) {
        state = Mutex(State(segment: firstSegment))
        self.segmentCapacity = segmentCapacity
        self.maximumWaitingSize = maximumWaitingSize
    }

    // MARK: Those who append

    var currentSegment: UInt64 { state.withLock { $0.segment } }

    var failure: FileLogError? { state.withLock { $0.failure } }

    /// Whether fewer bytes wait to be written than may.
    var hasRoom: Bool { state.withLock { $0.waitingSize < maximumWaitingSize } }

    func append(_ record: [UInt8], encodedFor segment: UInt64) -> LogTicket? {
        change { state -> LogTicket? in
            guard segment == state.segment else { return nil }
            let size = RecordFrame.headerSize + record.count
            let isFresh = state.segmentSize == SegmentHeader.size
            guard isFresh || state.segmentSize + size <= segmentCapacity else {
                Self.startSegment(&state)
                return nil
            }
            state.lastSequence += 1
            guard !state.isClosing, state.failure == nil else {
                return LogTicket(sequence: state.lastSequence)
            }
            state.lastQueued = state.lastSequence
            state.segmentSize += size
            state.waitingSize += size
            state.orders.append(.write(record))
            return LogTicket(sequence: state.lastSequence)
        }
    }

    func rotate() { change { Self.startSegment(&$0) } }

    func removeSegments(below segment: UInt64) {
        change { state in
            state.orders.append(.removeSegments(below: min(segment, state.segment)))
        }
    }

    func waitUntilDurable(_ ticket: LogTicket) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state -> Result<Void, any Error>? in
                if ticket.sequence <= state.durable { return .success(()) }
                if let failure = state.failure { return .failure(failure) }
                state.waiters.append(
                    Waiter(sequence: ticket.sequence, continuation: continuation)
                )
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// Takes no more records; those that were taken are still written.
    func close() { change { $0.isClosing = true } }

    /// Changes the state and, where the writing thread sleeps, wakes it.
    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, wasAsleep) = state.withLock { state in
            defer { state.isAsleep = false }
            return (body(&state), state.isAsleep)
        }
        if wasAsleep { wakeUp.signal() }
        return result
    }

    // MARK: The thread that writes

    /// Waits for orders and takes all there are.
    ///
    /// - Returns: no orders at the deadline; nil once the log is closed and all is taken.
    func take(until deadline: ContinuousClock.Instant?) -> Work? {
        while true {
            let (work, isClosing) = state.withLock { state in
                defer {
                    // Told apart from being awake in the same breath as the queue is seen empty.
                    state.isAsleep = state.orders.isEmpty
                    state.orders = []
                    state.waitingSize = 0
                }
                return (
                    Work(orders: state.orders, lastSequence: state.lastQueued), state.isClosing
                )
            }
            if !work.orders.isEmpty { return work }
            if isClosing { return nil }
            guard let deadline else {
                wakeUp.wait()
                continue
            }
            if ContinuousClock.now >= deadline { return work }
            wakeUp.wait(until: deadline)
        }
    }

    /// Answers those who wait for a record or an earlier one.
    func complete(upTo sequence: UInt64) {
        let done = state.withLock { state -> [Waiter] in
            state.durable = max(state.durable, sequence)
            let split = state.waiters.partition { $0.sequence <= state.durable }
            let done = Array(state.waiters[split...])
            state.waiters.removeSubrange(split...)
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }

    /// Answers all who wait, now and from now on, with an error.
    func fail(_ error: FileLogError) {
        let failed = state.withLock { state -> [Waiter] in
            state.failure = state.failure ?? error
            state.orders = []
            state.waitingSize = 0
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in failed { waiter.continuation.resume(throwing: error) }
    }

    private static func startSegment(_ state: inout State) {
        state.segment += 1
        state.segmentSize = SegmentHeader.size
        state.orders.append(.startSegment(state.segment))
    }
}
