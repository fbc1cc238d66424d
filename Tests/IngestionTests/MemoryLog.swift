import ClusterInterface
import Synchronization

/// A log in memory whose records become durable when a test says so.
final class MemoryLog: SampleLog {
    /// What a broken log answers.
    struct Failed: Error, CustomStringConvertible {
        var description: String { "the test says so" }
    }

    private struct State {
        var segment: UInt64
        var recordsInSegment = 0
        var sequence: UInt64 = 0
        var isHeld = false
        var hasRoom = true
        var failure: Failed?
        /// Whether a restart fails too.
        var isBrokenForGood = false
        /// Rotates once, between the encoding of a record and its append.
        var rotatesUnderway = false
        var waiting: [CheckedContinuation<Void, any Error>] = []
        var onRoomAsked: (@Sendable () -> Void)?
    }

    let journal: Journal
    private let recordsPerSegment: Int
    private let state: Mutex<State>

    init(journal: Journal = Journal(), firstSegment: UInt64 = 1, recordsPerSegment: Int = .max) {
        self.journal = journal
        self.recordsPerSegment = recordsPerSegment
        state = Mutex(State(segment: firstSegment))
    }

    // MARK: What tests do

    var records: [(segment: UInt64, bytes: [UInt8])] { journal.events.records }

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// From now on nothing becomes durable until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Breaks the log until it is begun anew.
    func fail(forGood: Bool = false) {
        let waiting = state.withLock { state in
            state.failure = Failed()
            state.isBrokenForGood = forGood
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(throwing: Failed()) }
    }

    func fill() { state.withLock { $0.hasRoom = false } }

    func rotateUnderway() { state.withLock { $0.rotatesUnderway = true } }

    /// Called once, when a write asks whether there is room.
    func whenRoomIsAsked(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onRoomAsked = action }
    }

    // MARK: SampleLog

    var currentSegment: UInt64 { state.withLock { $0.segment } }

    var hasRoom: Bool {
        let (room, action) = state.withLock { state in
            defer { state.onRoomAsked = nil }
            return (state.hasRoom, state.onRoomAsked)
        }
        action?()
        return room
    }

    var failureReason: String? { state.withLock { $0.failure?.description } }

    func append(
        _ record: [UInt8],
        definitionsSize: Int,
        encodedFor segment: UInt64
    ) -> LogTicket? {
        state.withLock { state in
            guard state.failure == nil else {
                state.sequence += 1
                return LogTicket(sequence: state.sequence)
            }
            if state.rotatesUnderway || state.recordsInSegment >= recordsPerSegment {
                state.rotatesUnderway = false
                state.segment += 1
                state.recordsInSegment = 0
            }
            guard segment == state.segment else { return nil }
            state.recordsInSegment += 1
            state.sequence += 1
            journal.add(.appended(record, segment: segment))
            return LogTicket(sequence: state.sequence)
        }
    }

    func waitUntilDurable(_ ticket: LogTicket) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state -> Result<Void, any Error>? in
                if let failure = state.failure { return .failure(failure) }
                guard state.isHeld else { return .success(()) }
                state.waiting.append(continuation)
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    @discardableResult
    func rotate() -> LogTicket {
        state.withLock { state in
            state.segment += 1
            state.recordsInSegment = 0
            return LogTicket(sequence: state.sequence)
        }
    }

    func removeSegments(below segment: UInt64) {
        let limit = state.withLock { min(segment, $0.segment) }
        journal.add(.removed(below: limit))
    }

    func restart() throws {
        let segment = try state.withLock { state -> UInt64? in
            guard let failure = state.failure else { return nil }
            guard !state.isBrokenForGood else { throw failure }
            state.failure = nil
            state.segment += 1
            state.recordsInSegment = 0
            return state.segment
        }
        if let segment { journal.add(.removed(below: segment)) }
    }
}
