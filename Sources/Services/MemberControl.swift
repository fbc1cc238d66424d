internal import Glibc
internal import Synchronization

/// What an operator wants of an ingester, and how far it has come.
///
/// That it takes no writes is kept in a file beside the log: it holds over restarts, also while the store is away.
final class MemberControl: Sendable {
    private struct State {
        var wantsReadOnly: Bool
        var wantsStop = false
        var hasLeft = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let markerPath: String
    private let state: Mutex<State>

    /// - Parameter directory: Where the ingester's data is.
    init(directory: String) {
        markerPath = directory + "/read-only"
        state = Mutex(State(wantsReadOnly: access(markerPath, F_OK) == 0))
    }

    var wantsReadOnly: Bool { state.withLock { $0.wantsReadOnly } }

    var wantsStop: Bool { state.withLock { $0.wantsStop } }

    /// - Throws: ``MarkerError`` where the wish cannot be kept; it then does not hold.
    func setReadOnly(_ isReadOnly: Bool) throws(MarkerError) {
        if isReadOnly {
            let file = open(markerPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw MarkerError(path: markerPath, code: errno) }
            close(file)
        } else if unlink(markerPath) != 0, errno != ENOENT {
            throw MarkerError(path: markerPath, code: errno)
        }
        state.withLock { $0.wantsReadOnly = isReadOnly }
    }

    /// Has the ingester leave the ring, and returns once everything is stored and its row is gone.
    func leave() async {
        await withCheckedContinuation { continuation in
            let hasLeft = state.withLock { state in
                state.wantsStop = true
                if !state.hasLeft { state.waiters.append(continuation) }
                return state.hasLeft
            }
            if hasLeft { continuation.resume() }
        }
    }

    /// To be called once the ingester has left, or will not any more.
    func noteEnd() {
        let waiters = state.withLock { state in
            state.hasLeft = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// The file that keeps an operator's wish cannot be written or removed.
struct MarkerError: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String {
        "\(path) cannot be changed: \(String(cString: strerror(code))); the mode stays as it is"
    }
}
