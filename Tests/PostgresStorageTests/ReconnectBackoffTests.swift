import Testing

@testable import PostgresStorage

@Suite struct ReconnectBackoffTests {
    @Test func `waits double up to the longest, and end with a success`() {
        var backoff = ReconnectBackoff()
        let start = ContinuousClock.now
        #expect(backoff.mayConnect(at: start))
        var delays: [Duration] = []
        for _ in 0..<8 {
            backoff.connectFailed(at: start, cause: "refused")
            delays.append(backoff.delay)
            #expect(!backoff.mayConnect(at: start + backoff.delay - .nanoseconds(1)))
            #expect(backoff.mayConnect(at: start + backoff.delay))
        }
        #expect(delays.prefix(3) == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
        #expect(delays.last == ReconnectBackoff.longestDelay)
        #expect(backoff.cause == "refused")
        backoff.connected()
        #expect(backoff.mayConnect(at: start))
        #expect(backoff.delay == .zero)
    }
}
