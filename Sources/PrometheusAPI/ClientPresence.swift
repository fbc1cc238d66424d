internal import Synchronization

/// Whether the client of a connection is still there to hear an answer.
///
/// A client that goes away never comes back on the same connection, so this changes once.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextID = 0
        /// What ends the work that is going on for the client.
        var waiting: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// The client of the connection that the running task serves; nil where requests come without a connection.
    @TaskLocal static var current: ClientPresence?

    /// Runs the body and cancels it when the client goes away.
    ///
    /// Like a structured task, the body has to end before this returns.
    /// - Throws: what the body throws, or `CancellationError` where the client went away first.
    func whilePresent<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Not a group with a second task that waits for the departure: that would be two tasks for each request. It begins
        // on this thread: a small answer is there before the first wait.
        let task = Task.immediate { try await body() }
        let id = onDeparture { task.cancel() }
        defer { forget(id) }
        return try await withTaskCancellationHandler {
            let result = await task.result
            if isGone { throw CancellationError() }
            return try result.get()
        } onCancel: {
            task.cancel()
        }
    }

    /// The connection is closed, or the client will send no more on it.
    func leave() {
        let waiting = state.withLock { state in
            state.isGone = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for end in waiting { end() }
    }

    private var isGone: Bool { state.withLock { $0.isGone } }

    /// Calls the body once, when the client goes away or is gone already.
    private func onDeparture(_ body: @escaping @Sendable () -> Void) -> Int {
        let (id, isGone) = state.withLock { state in
            state.nextID += 1
            if !state.isGone { state.waiting[state.nextID] = body }
            return (state.nextID, state.isGone)
        }
        if isGone { body() }
        return id
    }

    private func forget(_ id: Int) { state.withLock { $0.waiting[id] = nil } }
}
