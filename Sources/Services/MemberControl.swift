internal import Glibc
internal import Synchronization

/// What an operator wants of an ingester, and how far it has come.
///
/// That it takes no writes is kept in a file beside the log: it holds over restarts, also while the store is away.
final class MemberControl: Sendable {
    private struct State {
        var wantsReadOnly: Bool
        var wantsStop = false
        /// Whether it left with everything stored; nil while it has not ended.
        var hasLeft: Bool?
        var waiters: [CheckedContinuation<Bool, Never>] = []
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

    /// Has the ingester leave the ring.
    ///
    /// - Returns: true once everything is stored and its row is gone; false where it ended otherwise.
    func leave() async -> Bool {
        await withCheckedContinuation { continuation in
            let hasLeft = state.withLock { state in
                state.wantsStop = true
                if state.hasLeft == nil { state.waiters.append(continuation) }
                return state.hasLeft
            }
            if let hasLeft { continuation.resume(returning: hasLeft) }
        }
    }

    /// To be called when the ingester's life on the ring ends; only the first end counts.
    ///
    /// - Parameter hasLeft: Whether everything is stored and its row is gone.
    func noteEnd(hasLeft: Bool) {
        let (waiters, hasLeft) = state.withLock { state in
            let end = state.hasLeft ?? hasLeft
            state.hasLeft = end
            defer { state.waiters = [] }
            return (state.waiters, end)
        }
        for waiter in waiters { waiter.resume(returning: hasLeft) }
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
