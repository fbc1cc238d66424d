import NIOCore
import NIOPosix
import Querying
import Testing

@testable import PrometheusAPI

@Suite(.timeLimit(.minutes(1))) struct PromptAnswersTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    /// Where an answer was made, and whether a query would run there.
    private func ask(
        _ prompt: PromptAnswers,
        _ question: Int,
        takes time: Duration = .zero
    ) async throws -> Bool {
        let loop = loop
        let executor = EventLoopExecutor(loop)
        let place = try await Task(executorPreference: executor) {
            try await prompt.run(question, on: executor) {
                let end = ContinuousClock.now + time
                while ContinuousClock.now < end {}
                #expect((Querier.callersExecutor != nil) == loop.inEventLoop)
                return loop.inEventLoop
            }
        }.value
        return place
    }

    @Test
    func `a question leaves its thread until an answer was prompt, and once one there was slow`()
        async throws
    {
        let prompt = PromptAnswers()
        // A busy machine can make the first answers slow.
        while !prompt.isPrompt(1) { #expect(try await ask(prompt, 1) == false) }
        #expect(try await ask(prompt, 1))
        #expect(try await ask(prompt, 2) == false)
        while !prompt.isPrompt(1) { _ = try await ask(prompt, 1) }
        #expect(try await ask(prompt, 1, takes: .milliseconds(5)))
        for _ in 0..<PromptAnswers.penance {
            #expect(!prompt.isPrompt(1))
            #expect(try await ask(prompt, 1) == false)
        }
        let isPrompt = prompt.isPrompt(1)
        #expect(try await ask(prompt, 1) == isPrompt)
        // A slow first answer is no reason to wait longer.
        #expect(try await ask(prompt, 3, takes: .milliseconds(2)) == false)
        #expect(!prompt.isPrompt(3))
        while !prompt.isPrompt(3) { #expect(try await ask(prompt, 3) == false) }
        #expect(try await ask(prompt, 3))
    }

    @Test func `errors pass through`() async throws {
        let prompt = PromptAnswers()
        let executor = EventLoopExecutor(loop)
        for _ in 0..<3 {
            await #expect(throws: APIError.self) {
                try await prompt.run(3, on: executor) { throw APIError(.execution, "x") }
            }
        }
    }
}
