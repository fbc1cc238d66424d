internal import Synchronization

/// Whether the client of a connection is still there to hear an answer.
///
/// A client that goes away never comes back on the same connection, so this changes once.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// The client of the connection that the running task serves; nil where requests come without a connection.
    @TaskLocal static var current: ClientPresence?

    /// Runs the body and cancels it when the client goes away.
    ///
    /// Like every structured task, the body has to end before this returns.
    /// - Throws: what the body throws, or `CancellationError` where the client went away first.
    func whilePresent<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await self.departure()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw CancellationError()
            }
            return value
        }
    }

    /// The connection is closed, or the client will send no more on it.
    func leave() {
        let waiting = state.withLock { state in
            state.isGone = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the client is gone, or the task is cancelled.
    private func departure() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isGone || Task.isCancelled { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }
}
