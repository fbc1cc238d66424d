import Testing

@testable import Ingestion

@Suite struct MemoryBudgetTests {
    @Test(arguments: [
        (0, MemoryBudget.Level.normal), (800, .normal), (801, .high), (999, .high), (1000, .full),
        (5000, .full),
    ]) func `levels are at four fifths and at the limit`(size: Int, level: MemoryBudget.Level) {
        #expect(MemoryBudget(limit: 1000).level(of: size) == level)
    }

    @Test(
        arguments: [
            ([], []), ([500], []), ([900], [0]), ([100, 700, 100], [1]), ([300, 300, 300], [0]),
            ([10, 500, 490], [1]), ([10, 390, 1200], [2]), ([10, 1390, 1200], [1, 2]),
            ([0, 0], []),
        ] as [([Int], [Int])]
    ) func `the largest tenants are chosen, as few as will do`(
        sizes: [Int],
        chosen: [Int]
    ) {
        // Down to 600.
        #expect(MemoryBudget(limit: 1000).largest(of: sizes) == chosen)
    }
}

@Suite struct FlushBackoffTests {
    @Test func `each failure doubles the wait, up to a bound`() {
        var backoff = FlushBackoff()
        #expect(backoff.isDue(at: .min + 1_000_000) && backoff.isDue(at: 0))
        var now: Int64 = 1_000_000
        var wait = FlushBackoff.first
        for _ in 0..<40 {
            backoff.noteFailure(at: now)
            #expect(!backoff.isDue(at: now + wait - 1))
            #expect(backoff.isDue(at: now + wait))
            now += wait
            wait = min(2 * wait, FlushBackoff.longest)
        }
        backoff.noteSuccess()
        #expect(backoff.isDue(at: now) && backoff.failures == 0)
    }

    @Test func `a clock that is set back does not stop the tries`() {
        var backoff = FlushBackoff()
        backoff.noteFailure(at: 1_000_000_000)
        #expect(backoff.isDue(at: 1_000))
    }
}
