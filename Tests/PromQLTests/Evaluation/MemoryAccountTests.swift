import Synchronization
import TestSupport
import Testing

@testable import PromQL

@Suite struct MemoryAccountTests {
    @Test func `an account counts up to its limit and no further`() throws {
        let account = MemoryAccount(name: "querier.maxQueryMemory", limit: 100)
        try account.charge(60)
        try account.charge(40)
        let error = #expect(throws: MemoryLimitExceeded.self) { try account.charge(1) }
        #expect(error == MemoryLimitExceeded(name: account.name, limit: 100, needed: 101))
        #expect(account.current == 100)
        account.release(70)
        try account.charge(10)
        #expect(account.current == 40)
        #expect(account.peak == 100)
    }

    @Test func `an error says which limit it is and what was needed`() {
        let text = MemoryLimitExceeded(name: "querier.maxMemory", limit: 7, needed: 12).description
        #expect(text.contains("querier.maxMemory allows: 12 bytes"))
        #expect(text.contains("limit is 7"))
    }

    @Test func `what a query holds counts for its process, until it is over`() throws {
        let process = MemoryAccount(name: "process", limit: 100)
        do {
            let first = MemoryAccount(name: "first", limit: 80, parent: process)
            let second = MemoryAccount(name: "second", limit: 80, parent: process)
            try first.charge(70)
            let error = #expect(throws: MemoryLimitExceeded.self) { try second.charge(40) }
            #expect(error?.name == "process")
            #expect(error?.needed == 110)
            #expect(second.current == 0)
            #expect(second.peak == 0)
            first.release(20)
            try second.charge(40)
            #expect(process.current == 90)
            #expect(
                #expect(throws: MemoryLimitExceeded.self) { try first.charge(31) }?.name == "first"
            )
            #expect(process.current == 90)
        }
        #expect(process.current == 0)
        #expect(process.peak == 90)
    }

    @Test func `threads never hold more than the limit together`() {
        let process = MemoryAccount(name: "process", limit: 1000)
        let query = MemoryAccount(name: "query", limit: 900, parent: process)
        let held = Atomic(0)
        ThreadWorkers(count: 4).forEach(16) { index in
            var random = SeededGenerator(seed: UInt64(index))
            for _ in 0..<300 {
                let bytes = Int.random(in: 0...400, using: &random)
                guard (try? query.charge(bytes)) != nil else { continue }
                let now = held.wrappingAdd(bytes, ordering: .relaxed).newValue
                if now > 900 { Issue.record("\(now) bytes are held") }
                held.wrappingSubtract(bytes, ordering: .relaxed)
                query.release(bytes)
            }
        }
        #expect(query.current == 0)
        #expect(process.current == 0)
        #expect(query.peak <= 900)
    }
}

@Suite struct SampleBudgetTests {
    @Test func `a budget counts samples up to its limit, and their bytes`() throws {
        let memory = MemoryAccount(name: "query", limit: 8000)
        let budget = SampleBudget(limit: 1000, memory: memory)
        try budget.charge(900)
        #expect(memory.current == 7200)
        #expect(throws: EvaluationError.tooManySamples(limit: 1000)) { try budget.charge(101) }
        #expect(budget.current == 900)
        #expect(memory.current == 7200)
        budget.release(400)
        #expect(budget.current == 500)
        #expect(budget.peak == 900)
        #expect(memory.current == 4000)
    }

    @Test func `memory may be over before samples are too many`() throws {
        let memory = MemoryAccount(name: "query", limit: 80)
        let budget = SampleBudget(limit: 1000, memory: memory)
        try budget.charge(10)
        let expected = MemoryLimitExceeded(name: "query", limit: 80, needed: 88)
        #expect(throws: EvaluationError.outOfMemory(expected)) { try budget.charge(1) }
        #expect(budget.current == 10)
        #expect(memory.current == 80)
    }

    @Test func `what was charged behind a mark is forgotten, and all with the budget`() throws {
        let memory = MemoryAccount(name: "query", limit: 8000)
        do {
            let budget = SampleBudget(limit: 1000, memory: memory)
            try budget.charge(5)
            let mark = budget.current
            try budget.charge(300)
            budget.release(to: mark)
            #expect(budget.current == 5)
            #expect(memory.current == 40)
        }
        #expect(memory.current == 0)
        #expect(memory.peak == 2440)
    }
}
