internal import ClusterInterface

/// Decides which writes of one client are taken, sent, answered and given up.
///
/// Numbers only grow and every write has the same time to live, so the order of numbers is also the order of
/// sending and of deadlines. Invariant: each admitted waiter is handed back exactly once.
struct PushWindow<Waiter> {
    /// How the stream is.
    enum Link: Equatable {
        /// Never yet open, or just lost and being opened again: writes wait.
        case connecting
        case connected
        /// The peer leaves: what was sent is still answered, nothing else is taken.
        case closing
        /// Lost; writes fail at once.
        case down(cause: String, wasOpen: Bool)
        /// Being opened again after a try that failed: writes fail at once until it is open.
        case retrying(cause: String)
        /// For ever: what was admitted is still sent and answered, nothing else is taken.
        case stopped
    }

    private struct Pending {
        var waiter: Waiter
        var size: Int
        var deadline: ContinuousClock.Instant
        /// Nil once it has been sent.
        var payload: Payload?
    }

    private(set) var link = Link.connecting
    private(set) var pendingBytes = 0
    private var pending: [UInt64: Pending] = [:]
    private var nextNumber: UInt64 = 0
    private var nextToSend: UInt64 = 0
    private var nextToExpire: UInt64 = 0
    /// Whether a write has expired and none was answered since: the peer is tried with one write at a time.
    private var isOnTrial = false

    private let peer: String
    private let settings: TransportSettings

    init(peer: String, settings: TransportSettings) {
        self.peer = peer
        self.settings = settings
    }

    var pendingCount: Int { pending.count }

    /// Reserves the number of the next write.
    mutating func takeNumber() -> UInt64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// Why a write of this size would be refused now.
    ///
    /// Behind a peer that does not answer, writes would only wait: each would hold its request's memory, and a place among
    /// those that go on in the background.
    func refusal(ofSize size: Int, at now: ContinuousClock.Instant) -> (any Error)? {
        switch link {
        case .connecting, .connected: break
        case .down(let cause, _), .retrying(let cause):
            return TransportError.unavailable(peer: peer, cause: cause)
        case .closing: return IngesterError.notAcceptingWrites(state: "leaving")
        case .stopped: return TransportError.stopped(peer: peer)
        }
        if size > settings.maximumMessageSize {
            return TransportError.tooLarge(peer: peer, limit: settings.maximumMessageSize)
        }
        if isSlow(at: now) { return TransportError.slow(peer: peer, after: settings.slowAfter) }
        if pending.count >= settings.maximumPendingWrites {
            return IngesterError.overloaded(
                what: "unanswered writes to \(peer)",
                limit: settings.maximumPendingWrites
            )
        }
        if pendingBytes + size > settings.maximumPendingBytes {
            return IngesterError.overloaded(
                what: "unanswered bytes to \(peer)",
                limit: settings.maximumPendingBytes
            )
        }
        return nil
    }

    private func isSlow(at now: ContinuousClock.Instant) -> Bool {
        guard let deadline = nextDeadline else { return false }
        return isOnTrial || deadline - settings.writeTimeout + settings.slowAfter <= now
    }

    /// Takes a write under a number from ``takeNumber()``; ``refusal(ofSize:at:)`` was nil.
    mutating func admit(
        _ waiter: Waiter,
        number: UInt64,
        payload: Payload,
        at now: ContinuousClock.Instant
    ) {
        pending[number] = Pending(
            waiter: waiter,
            size: payload.size,
            deadline: now + settings.writeTimeout,
            payload: payload
        )
        pendingBytes += payload.size
        // Two callers may take numbers in one order and be admitted in the other.
        nextToSend = min(nextToSend, number)
        nextToExpire = min(nextToExpire, number)
    }

    /// Whether an admitted write is yet to be sent.
    mutating func hasPayload() -> Bool {
        while nextToSend < nextNumber {
            if pending[nextToSend]?.payload != nil { return true }
            nextToSend += 1
        }
        return false
    }

    /// The next payload for the stream, or nil where there is none now.
    mutating func takePayload() -> Payload? {
        guard hasPayload() else { return nil }
        defer {
            pending[nextToSend]?.payload = nil
            nextToSend += 1
        }
        return pending[nextToSend]?.payload
    }

    /// Ends a write that was answered.
    ///
    /// - Returns: nil where it has ended before.
    mutating func answered(_ number: UInt64) -> Waiter? {
        isOnTrial = false
        return finish(number)
    }

    /// Ends a write whose caller has gone.
    ///
    /// - Returns: nil where it has ended before.
    mutating func finish(_ number: UInt64) -> Waiter? {
        guard let ended = pending.removeValue(forKey: number) else { return nil }
        pendingBytes -= ended.size
        if number == nextToExpire { nextToExpire = oldest ?? nextNumber }
        return ended.waiter
    }

    /// Ends the writes whose time has passed.
    mutating func expire(at now: ContinuousClock.Instant) -> [Waiter] {
        var expired: [Waiter] = []
        while let oldest, let write = pending[oldest], write.deadline <= now {
            isOnTrial = true
            if let waiter = finish(oldest) { expired.append(waiter) }
        }
        return expired
    }

    /// When the oldest write expires, or nil where none is pending.
    var nextDeadline: ContinuousClock.Instant? { oldest.flatMap { pending[$0] }?.deadline }

    /// The number of the oldest write that is pending; few numbers in front of it are taken and not yet admitted.
    private var oldest: UInt64? {
        pending.isEmpty ? nil : (nextToExpire..<nextNumber).first { pending[$0] != nil }
    }

    /// Begins to open the stream.
    ///
    /// - Returns: false where the client has been stopped and nothing is left to send.
    mutating func beginConnecting() -> Bool {
        switch link {
        case .stopped: return false
        case .down(let cause, wasOpen: false): link = .retrying(cause: cause)
        case .down, .connecting, .connected, .closing, .retrying: link = .connecting
        }
        return true
    }

    /// The peer has taken the stream.
    mutating func connected() {
        isOnTrial = false
        if link != .stopped { link = .connected }
    }

    /// Ends the writes that are not yet sent: the peer wants no more.
    mutating func close() -> [Waiter] {
        if link != .stopped { link = .closing }
        let unsent = pending.filter { $0.value.payload != nil }.keys.sorted()
        return unsent.compactMap { finish($0) }
    }

    /// Ends all writes: the stream is gone.
    mutating func lose(cause: String) -> [Waiter] {
        switch link {
        case .stopped: break
        // Losing it twice is losing it once.
        case .down(_, let wasOpen): link = .down(cause: cause, wasOpen: wasOpen)
        case .connected, .closing: link = .down(cause: cause, wasOpen: true)
        case .connecting, .retrying: link = .down(cause: cause, wasOpen: false)
        }
        return endAll()
    }

    /// Lets admitted writes finish and takes no others.
    mutating func stop() { link = .stopped }

    mutating func endAll() -> [Waiter] {
        defer {
            pending = [:]
            pendingBytes = 0
            nextToSend = nextNumber
            nextToExpire = nextNumber
        }
        return pending.sorted { $0.key < $1.key }.map(\.value.waiter)
    }
}
