internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
internal import Querying
internal import Synchronization

/// Answers on the thread of a connection what was answered in a moment before, and all else on threads for work.
///
/// What was asked counts without its times, as dashboards ask the same again and again; how long a range is counts to
/// the next power of two. A question that turns out slow holds up its thread's connections once, and then has to be prompt
/// many times: who asks by turns for an empty time and a full one gains little.
final class PromptAnswers: Sendable {
    /// What is answered sooner counts as prompt; most small answers take a tenth.
    private static let limit = Duration.milliseconds(1)
    /// What takes longer on the thread of a connection leaves it: more than a busy machine makes of a prompt answer.
    private static let bound = Duration.milliseconds(4)
    /// Questions that are known, of which one may take the place of another.
    private static let count = 4096
    /// Prompt answers elsewhere that make a slow one on the thread forgotten.
    static let penance: UInt8 = 16

    private struct Known {
        var question: Int
        /// Prompt answers that are due before it counts as prompt.
        var due: UInt8
    }

    private let known = Mutex([Known?](repeating: nil, count: PromptAnswers.count))

    /// - Parameter question: A hash of what is asked.
    func run<Value: Sendable>(
        _ question: Int,
        on executor: EventLoopExecutor,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let isHere = isPrompt(question)
        let began = ContinuousClock.now
        defer {
            note(question, took: ContinuousClock.now - began, wasHere: isHere)
        }
        if isHere {
            return try await Querier.$callersExecutor.withValue(executor) { try await body() }
        }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await body() }
    }

    /// A hash of what is asked.
    static func question(_ request: Request, _ parameters: QueryParameterReader) -> Int {
        var hasher = Hasher()
        hasher.combine(request.uri.path)
        if let field = Authentication.field { hasher.combine(request.headers[field]) }
        hasher.combine(parameters.text("query"))
        hasher.combine(parameters.all("match[]"))
        if let range = try? parameters.range() {
            hasher.combine(UInt64(bitPattern: range.end &- range.start).leadingZeroBitCount)
        }
        return hasher.finalize()
    }

    func isPrompt(_ question: Int) -> Bool {
        known.withLock { known in
            guard let entry = known[Self.place(of: question)] else { return false }
            return entry.question == question && entry.due == 0
        }
    }

    private func note(_ question: Int, took time: Duration, wasHere: Bool) {
        // A slow answer elsewhere tells nothing new: the first one is slow where nothing is in the caches yet.
        guard wasHere ? time >= Self.bound : time < Self.limit else { return }
        known.withLock { known in
            let place = Self.place(of: question)
            let due = known[place].flatMap { $0.question == question ? $0.due : nil } ?? 0
            known[place] = Known(question: question, due: wasHere ? Self.penance : max(due, 1) - 1)
        }
    }

    private static func place(of question: Int) -> Int {
        Int(UInt(bitPattern: question) % UInt(count))
    }
}
