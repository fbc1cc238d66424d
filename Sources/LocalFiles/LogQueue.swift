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
        /// Bytes of the current segment that say what references stand for.
        var definitionsSize = 0
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
        /// Records that a failure took before the log began anew.
        var lost: [(range: ClosedRange<UInt64>, failure: FileLogError)] = []
    }

    private struct Waiter {
        let sequence: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let state: Mutex<State>
    private let wakeUp = WakeUp()
    private let segmentCapacity: Int
    private let maximumWaitingSize: Int

    /// A segment has this many times the bytes of its definitions, so that repeating them in the next one
    /// costs an eighth at most.
    private static let definitionsFactor = 8
    /// Bytes of a segment whatever its definitions; what it holds is deleted together.
    private static let largestSegment = 2 << 30
    /// Failures whose records are remembered: those who wait for them ask at once.
    private static let rememberedFailures = 8

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

    func append(
        _ record: [UInt8],
        definitionsSize: Int,
        encodedFor segment: UInt64
    ) -> LogTicket? {
        change { state -> LogTicket? in
            guard !state.isClosing, state.failure == nil else {
                state.lastSequence += 1
                return LogTicket(sequence: state.lastSequence)
            }
            guard segment == state.segment else { return nil }
            let size = RecordFrame.headerSize + record.count
            let isFresh = state.segmentSize == SegmentHeader.size
            guard isFresh || state.segmentSize + size <= capacity(state) else {
                Self.startSegment(&state)
                return nil
            }
            state.lastSequence += 1
            state.lastQueued = state.lastSequence
            state.segmentSize += size
            state.definitionsSize += definitionsSize
            state.waitingSize += size
            state.orders.append(.write(record))
            return LogTicket(sequence: state.lastSequence)
        }
    }

    /// Bytes that the current segment may have.
    private func capacity(_ state: borrowing State) -> Int {
        let wanted = min(Self.definitionsFactor * state.definitionsSize, Self.largestSegment)
        return max(segmentCapacity, wanted)
    }

    func rotate() -> LogTicket {
        change { state in
            if state.failure == nil {
                Self.startSegment(&state)
                // Counted as a record is: done once the old segment has its final size on disk.
                state.lastSequence += 1
                state.lastQueued = state.lastSequence
            }
            return LogTicket(sequence: state.lastSequence)
        }
    }

    func removeSegments(below segment: UInt64) {
        change { state in
            // A new beginning deletes them all.
            guard state.failure == nil else { return }
            state.orders.append(.removeSegments(below: min(segment, state.segment)))
        }
    }

    func waitUntilDurable(_ ticket: LogTicket) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state -> Result<Void, any Error>? in
                if let lost = state.lost.last(where: { $0.range.contains(ticket.sequence) }) {
                    return .failure(lost.failure)
                }
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

    /// Takes records again, into a new segment; those that were not written stay lost.
    func restart(in segment: UInt64) {
        state.withLock { state in
            if let failure = state.failure, state.lastSequence > state.durable {
                state.lost.append((state.durable + 1...state.lastSequence, failure))
                state.lost = state.lost.suffix(Self.rememberedFailures)
            }
            state.durable = state.lastSequence
            state.lastQueued = state.lastSequence
            state.failure = nil
            state.segment = segment
            state.segmentSize = SegmentHeader.size
            state.definitionsSize = 0
            state.orders = []
            state.waitingSize = 0
        }
    }

    private static func startSegment(_ state: inout State) {
        guard state.failure == nil else { return }
        state.segment += 1
        state.segmentSize = SegmentHeader.size
        state.definitionsSize = 0
        state.orders.append(.startSegment(state.segment))
    }
}
