internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// What blocks answered to questions about labels; blocks never change, so nothing is ever out of date.
final class LabelAnswerCache: Sendable {
    struct Key: Hashable, Sendable {
        let tenant: TenantID
        let block: BlockID
        let question: BlockLabelQuery.Question
        let matchers: [Matcher]
    }

    /// A matcher by what it says: compiled expressions are not kept.
    struct Matcher: Hashable, Sendable {
        private let name: String
        private let operation: LabelMatcher.Operation
        private let value: String

        init(_ matcher: LabelMatcher) {
            name = matcher.name
            operation = matcher.operation
            value = matcher.value
        }

        fileprivate var size: Int { name.utf8.count + value.utf8.count }
    }

    private struct State {
        var answers: [Key: [String]] = [:]
        /// Strings of all answers together.
        var count = 0
    }

    /// Strings that may be kept, 64 bytes or more each.
    private let maximumCount: Int
    private let state = Mutex(State())

    init(maximumCount: Int = 500_000) { self.maximumCount = maximumCount }

    subscript(key: Key) -> [String]? { state.withLock { $0.answers[key] } }

    /// Keeps an answer; where there is no room, all others go first, as whoever asks soon asks again.
    func insert(_ answer: [String], for key: Key) {
        // Matchers count as strings of that size.
        let count = answer.count + key.matchers.reduce(0) { $0 + 1 + $1.size / 64 }
        guard count <= maximumCount / 16 else { return }
        state.withLock { state in
            if state.count + count > maximumCount {
                state.answers.removeAll()
                state.count = 0
            }
            guard state.answers.updateValue(answer, forKey: key) == nil else { return }
            state.count += count + 1
        }
    }
}
