import Synchronization
import Testing

@testable import Ingestion

@Suite(.timeLimit(.minutes(1))) struct FlushGateTests {
    @Test func `one runs at a time, and the others come in order`() async {
        let gate = FlushGate()
        let turns = Turns()
        let (stream, feed) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await gate.exclusively {
                    turns.enter(0)
                    for await _ in stream { break }
                    turns.leave()
                }
            }
            await eventually { turns.order == [0] }
            for number in 1...3 {
                group.addTask {
                    await gate.exclusively {
                        turns.enter(number)
                        await Task.yield()
                        turns.leave()
                    }
                }
                await eventually { gate.waitingCount == number }
            }
            feed.yield()
        }
        #expect(turns.order == [0, 1, 2, 3])
        #expect(turns.mostInside == 1)
    }

    @Test func `a body that throws lets the next one in`() async throws {
        struct Thrown: Error {}
        let gate = FlushGate()
        await #expect(throws: Thrown.self) { try await gate.exclusively { throw Thrown() } }
        #expect(await gate.exclusively { 1 } == 1)
    }

    /// Who was inside, and how many at once.
    private final class Turns: Sendable {
        private let state = Mutex((inside: 0, most: 0, order: [Int]()))

        var order: [Int] { state.withLock { $0.order } }

        var mostInside: Int { state.withLock { $0.most } }

        func enter(_ number: Int) {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
                state.order.append(number)
            }
        }

        func leave() { state.withLock { $0.inside -= 1 } }
    }
}
