internal import ClusterInterface
internal import Synchronization

/// The writes of one client between their callers and the stream: a ``PushWindow`` that tasks wait on.
final class PushQueue: Sendable {
    private typealias Answer = CheckedContinuation<WriteAnswer, any Error>
    typealias Link = PushWindow<CheckedContinuation<WriteAnswer, any Error>>.Link
    private typealias Sender = CheckedContinuation<Void, Never>

    private struct State {
        var window: PushWindow<Answer>
        /// Who waits for something to send; at most one stream is open at a time.
        var sender: Sender?

        mutating func takeSender() -> Sender? {
            defer { sender = nil }
            return sender
        }

        /// What the stream's sender has to do now.
        mutating func nextStep() -> Step {
            if window.hasPayload() { return .send }
            switch window.link {
            case .connecting, .connected, .retrying: return .wait
            case .closing, .down, .stopped: return .close
            }
        }
    }

    private enum Step {
        case send
        case wait
        case close
    }

    private let peer: String
    private let settings: TransportSettings
    private let state: Mutex<State>
    /// Set once the client has been stopped and no write is pending.
    let drained = StopSignal()

    init(peer: String, settings: TransportSettings) {
        self.peer = peer
        self.settings = settings
        state = Mutex(State(window: PushWindow(peer: peer, settings: settings)))
    }

    /// How the stream is now.
    var link: Link { state.withLock { $0.window.link } }

    /// Sends a batch and waits for its answer.
    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        let (number, refusal) = state.withLock { state in
            (state.window.takeNumber(), state.window.refusal(ofSize: 0, at: .now))
        }
        if let refusal { throw refusal }
        guard batch.isConsistent else {
            throw IngesterError.invalidRequest("the columns of the batch do not fit each other")
        }
        let message = PushMessage(sequence: number, batch: batch)
        guard message.encodedSize <= settings.maximumMessageSize else {
            throw TransportError.tooLarge(peer: peer, limit: settings.maximumMessageSize)
        }
        let payload = Payload(message)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { admit($0, number, payload) }
        } onCancel: {
            finish(number, .failure(CancellationError()))
        }
    }

    /// The next payload to send, or nil once this stream shall be closed.
    func nextPayload() async -> Payload? {
        while !Task.isCancelled {
            let (step, payload) = state.withLock { state in
                let step = state.nextStep()
                return (step, step == .send ? state.window.takePayload() : nil)
            }
            switch step {
            case .send: return payload
            case .close: return nil
            case .wait: await waitForWork()
            }
        }
        return nil
    }

    /// Takes what came back on the stream.
    func receive(_ reply: PushReply) {
        switch reply {
        case .answer(let sequence, let answer): take(sequence, .success(answer))
        case .failure(let sequence, .ingester(let error)): take(sequence, .failure(error))
        case .failure(let sequence, .other(let cause)):
            take(sequence, .failure(TransportError.peerFailed(peer: peer, cause: cause)))
        case .goodbye:
            let waiters = change { $0.window.close() }
            fail(waiters, with: IngesterError.notAcceptingWrites(state: "leaving"))
        }
    }

    /// Begins to open a stream.
    ///
    /// - Returns: false where the client has been stopped.
    func beginConnecting() -> Bool {
        state.withLock { $0.window.beginConnecting() }
    }

    func connected() { state.withLock { $0.window.connected() } }

    /// Fails all pending writes: the stream is gone.
    func lose(cause: String) {
        let waiters = change { $0.window.lose(cause: cause) }
        fail(waiters, with: TransportError.disconnected(peer: peer, cause: cause))
    }

    /// Takes no more writes and lets the pending ones finish.
    func stop() {
        change { $0.window.stop() }
    }

    /// Takes no more writes and fails the pending ones.
    func abandon() {
        let waiters = change { state in
            state.window.stop()
            return state.window.endAll()
        }
        fail(waiters, with: TransportError.stopped(peer: peer))
    }

    /// Fails writes as their time passes, until the task is cancelled.
    func expireWrites() async {
        while !Task.isCancelled {
            let now = ContinuousClock.now
            let (waiters, deadline) = change { state in
                (state.window.expire(at: now), state.window.nextDeadline)
            }
            let error = TransportError.timedOut(peer: peer, after: settings.writeTimeout)
            fail(waiters, with: error)
            // Where nothing is pending, nothing can expire before a whole time to live has passed.
            try? await Task.sleep(until: deadline ?? now + settings.writeTimeout)
        }
    }

    private func admit(_ answer: Answer, _ number: UInt64, _ payload: Payload) {
        let now = ContinuousClock.now
        let refusal: (any Error)? = change { state in
            // Cancellation before this point finds nothing to end.
            if Task.isCancelled { return CancellationError() }
            if let refusal = state.window.refusal(ofSize: payload.size, at: now) { return refusal }
            state.window.admit(answer, number: number, payload: payload, at: now)
            return nil
        }
        if let refusal { answer.resume(throwing: refusal) }
    }

    private func take(_ number: UInt64, _ result: Result<WriteAnswer, any Error>) {
        change { $0.window.answered(number) }?.resume(with: result)
    }

    private func finish(_ number: UInt64, _ result: Result<WriteAnswer, any Error>) {
        change { $0.window.finish(number) }?.resume(with: result)
    }

    private func fail(_ waiters: [Answer], with error: any Error) {
        for waiter in waiters { waiter.resume(throwing: error) }
    }

    /// Changes the state, and wakes the stream's sender and who waits for the end where there is cause.
    @discardableResult
    private func change<Result: Sendable>(
        _ body: @Sendable (inout State) -> Result
    ) -> Result {
        let (result, sender, isDrained) = state.withLock { state in
            let result = body(&state)
            let isDrained = state.window.link == .stopped && state.window.pendingCount == 0
            return (result, state.nextStep() == .wait ? nil : state.takeSender(), isDrained)
        }
        sender?.resume()
        if isDrained { drained.set() }
        return result
    }

    private func waitForWork() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !Task.isCancelled, state.nextStep() == .wait else { return false }
                    state.sender = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.takeSender() }?.resume()
        }
    }
}
