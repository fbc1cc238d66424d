import Foundation
import PromQL
import Synchronization

/// Real threads, as many as wanted, which take the indexes one after the other.
struct ThreadWorkers: EvaluationWorkers {
    let count: Int
    /// Whether the last index is taken first.
    var isBackward = false

    func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let work = Work(count: count, isBackward: isBackward, body)
        let others = DispatchGroup()
        for _ in 1..<max(1, self.count) {
            others.enter()
            Thread.detachNewThread {
                work.run()
                others.leave()
            }
        }
        work.run()
        others.wait()
        work.end()
    }

    private final class Work: Sendable {
        private let count: Int
        private let isBackward: Bool
        /// Nil once all is done: a thread that ends later holds nothing of it.
        private let body: Mutex<(@Sendable (Int) -> Void)?>
        private let taken = Atomic(0)

        init(count: Int, isBackward: Bool, _ body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.isBackward = isBackward
            self.body = Mutex(body)
        }

        func run() {
            guard let body = body.withLock({ $0 }) else { return }
            while true {
                let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(isBackward ? count - 1 - index : index)
            }
        }

        func end() { body.withLock { $0 = nil } }
    }
}
