import Synchronization
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct QueryPlacesTests {
    @Test func `no more run at once than there are places`() async throws {
        let places = QueryPlaces(count: 3, maximumWaiting: 100)
        let turns = Turns()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await places.withPlace {
                        turns.enter(number)
                        for _ in 0..<5 { await Task.yield() }
                        turns.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(turns.order.count == 40)
        #expect((1...3).contains(turns.mostInside))
        #expect(places.waitingCount == 0)
    }

    @Test func `those that wait come in order`() async throws {
        let places = QueryPlaces(count: 1, maximumWaiting: 10)
        let turns = Turns()
        let door = Door()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await places.withPlace { await door.pass() } }
            await eventually { door.isWaitedAt }
            for number in 0..<5 {
                group.addTask { try await places.withPlace { turns.enter(number) } }
                await eventually { places.waitingCount == number + 1 }
            }
            door.open()
            try await group.waitForAll()
        }
        #expect(turns.order == [0, 1, 2, 3, 4])
    }

    @Test func `one too many is refused at once`() async throws {
        let places = QueryPlaces(count: 1, maximumWaiting: 1)
        let door = Door()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await places.withPlace { await door.pass() } }
            await eventually { door.isWaitedAt }
            group.addTask { try await places.withPlace {} }
            await eventually { places.waitingCount == 1 }
            let error = await #expect(throws: QueryError.self) {
                try await places.withPlace { Issue.record("it ran") }
            }
            #expect(error?.description == "too many outstanding requests: 1 queries wait already")
            door.open()
            try await group.waitForAll()
        }
        // The place is free again.
        #expect(try await places.withPlace { 7 } == 7)
    }

    @Test func `one that is cancelled while it waits goes, and takes no place`() async throws {
        let places = QueryPlaces(count: 1, maximumWaiting: 5)
        let door = Door()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await places.withPlace { await door.pass() } }
            await eventually { door.isWaitedAt }
            let impatient = Task { try await places.withPlace { Issue.record("it ran") } }
            await eventually { places.waitingCount == 1 }
            impatient.cancel()
            let result = await impatient.result
            guard case .failure(let error as QueryError) = result, case .cancelled = error else {
                Issue.record("\(result)")
                return
            }
            #expect(places.waitingCount == 0)
            door.open()
            try await group.waitForAll()
        }
        #expect(try await places.withPlace { 7 } == 7)
    }

    @Test func `a body that throws gives its place back`() async throws {
        struct Thrown: Error {}
        let places = QueryPlaces(count: 1, maximumWaiting: 0)
        for _ in 0..<3 {
            await #expect(throws: Thrown.self) { try await places.withPlace { throw Thrown() } }
        }
    }
}

/// Who was inside, and how many at once.
final class Turns: Sendable {
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

/// Lets one through once it is open.
final class Door: Sendable {
    private let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)

    var isWaitedAt: Bool { waiting.withLock { $0 != nil } }

    func pass() async {
        await withCheckedContinuation { continuation in
            waiting.withLock { $0 = continuation }
        }
    }

    func open() {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume()
    }
}
