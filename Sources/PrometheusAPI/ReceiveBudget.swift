internal import Synchronization

/// Bounds the bytes of request bodies that are held while they arrive, over all connections.
///
/// A sender that stalls in the middle of its body, or many of them, then cost no more memory than this.
final class ReceiveBudget: Sendable {
    let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// One request's part, to be given back when the body is no longer held.
    final class Share {
        private let budget: ReceiveBudget
        private var size = 0

        init(_ budget: ReceiveBudget) { self.budget = budget }

        /// Takes more bytes, or says that there are none left.
        func grow(by count: Int) -> Bool {
            let isTaken = budget.used.withLock { used -> Bool in
                guard count <= budget.limit - used else { return false }
                used += count
                return true
            }
            if isTaken { size += count }
            return isTaken
        }

        func giveBack() {
            budget.used.withLock { $0 -= size }
            size = 0
        }
    }
}
