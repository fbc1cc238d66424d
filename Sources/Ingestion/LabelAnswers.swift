internal import HeadStorage
internal import Synchronization

/// The last answers of one head to questions about all its labels, by name; nil is the question for names.
final class LabelAnswers: Sendable {
    /// Strings that may be kept of one head, 64 bytes or more each.
    private static let maximumCount = 65_536

    private struct State {
        var answers: [String?: LabelAnswer] = [:]
        /// Strings of all answers together.
        var count = 0
    }

    private let state = Mutex(State())

    subscript(name: String?) -> LabelAnswer? { state.withLock { $0.answers[name] } }

    /// Keeps an answer; where there is no room, all others go first.
    func keep(_ answer: LabelAnswer, for name: String?) {
        guard answer.strings.count < Self.maximumCount else { return }
        state.withLock { state in
            if let old = state.answers.removeValue(forKey: name) {
                state.count -= old.strings.count + 1
            }
            if state.count + answer.strings.count >= Self.maximumCount {
                state.answers.removeAll()
                state.count = 0
            }
            state.answers[name] = answer
            state.count += answer.strings.count + 1
        }
    }
}
