internal import Synchronization

/// Bounds how many queries run at once; the others wait in order, and too many are refused.
final class QueryPlaces: Sendable {
    private struct State {
        var free: Int
        var nextID = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>
    private let maximumWaiting: Int

    init(count: Int, maximumWaiting: Int) {
        state = Mutex(State(free: count))
        self.maximumWaiting = maximumWaiting
    }

    /// How many wait now.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Runs the body when there is a place.
    func withPlace<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        if takeFree() { return }
        let id = state.withLock { state -> Int in
            state.nextID += 1
            return state.nextID
        }
        let entered = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(id, $0) }
        } onCancel: {
            give(up: id)
        }
        guard entered else {
            throw Task.isCancelled
                ? QueryError.cancelled : QueryError.tooManyWaiting(limit: maximumWaiting)
        }
    }

    /// Takes a place if one is free, which it is only where nobody waits.
    private func takeFree() -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    private func wait(_ id: Int, _ continuation: CheckedContinuation<Bool, Never>) {
        let decided = state.withLock { state -> Bool? in
            if state.free > 0 {
                state.free -= 1
                return true
            }
            guard state.waiting.count < maximumWaiting, !Task.isCancelled else { return false }
            state.waiting.append((id, continuation))
            return nil
        }
        if let decided { continuation.resume(returning: decided) }
    }

    private func give(up id: Int) {
        let abandoned = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index).continuation
        }
        abandoned?.resume(returning: false)
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
