internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
internal import Querying
internal import Synchronization

/// Answers on the thread of a connection what was answered in a moment the last time, and all else on threads for work.
///
/// What was asked counts without its times, as dashboards ask the same again and again; how long a range is counts to
/// the next power of two. A question that turns out slow holds up its thread's connections once, and then has to be prompt
/// many times in a row: who asks by turns for an empty time and a full one gains little.
final class PromptAnswers: Sendable {
    /// What may hold up a thread that serves many connections; most small answers take a tenth.
    private static let limit = Duration.milliseconds(1)
    /// Questions that are known, of which one may take the place of another.
    private static let count = 4096
    /// Prompt answers that make a slow one forgotten.
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
        let began = ContinuousClock.now
        defer { note(question, isPrompt: ContinuousClock.now - began < Self.limit) }
        if isPrompt(question) {
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

    private func note(_ question: Int, isPrompt: Bool) {
        known.withLock { known in
            let place = Self.place(of: question)
            var due: UInt8 = isPrompt ? 0 : Self.penance
            if isPrompt, let entry = known[place], entry.question == question, entry.due > 0 {
                due = entry.due - 1
            }
            known[place] = Known(question: question, due: due)
        }
    }

    private static func place(of question: Int) -> Int {
        Int(UInt(bitPattern: question) % UInt(count))
    }
}
