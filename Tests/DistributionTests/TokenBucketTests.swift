import Testing

@testable import Distribution

@Suite struct TokenBucketTests {
    @Test func `a full bucket gives its burst, then what comes`() {
        var bucket = TokenBucket(rate: 100, burst: 200, now: 0)
        #expect(bucket.take(150, rate: 100, burst: 200, now: 0) == nil)
        #expect(bucket.take(50, rate: 100, burst: 200, now: 0) == nil)
        #expect(bucket.take(10, rate: 100, burst: 200, now: 0) == 0.1)
        #expect(bucket.take(10, rate: 100, burst: 200, now: 99) != nil)
        #expect(bucket.take(10, rate: 100, burst: 200, now: 100) == nil)
        #expect(bucket.take(1, rate: 100, burst: 200, now: 100) == 0.01)
    }

    @Test func `a refusal takes nothing, and the wait it names is enough`() throws {
        var bucket = TokenBucket(rate: 10, burst: 20, now: 0)
        #expect(bucket.take(20, rate: 10, burst: 20, now: 0) == nil)
        for _ in 0..<5 { #expect(bucket.take(15, rate: 10, burst: 20, now: 0) == 1.5) }
        #expect(bucket.take(15, rate: 10, burst: 20, now: 1499) != nil)
        #expect(bucket.take(15, rate: 10, burst: 20, now: 1500) == nil)
    }

    @Test func `a request larger than the burst is taken when the bucket is full, and paid for`() {
        var bucket = TokenBucket(rate: 10, burst: 20, now: 0)
        #expect(bucket.take(120, rate: 10, burst: 20, now: 0) == nil)
        // The debt of 100 and the one token.
        #expect(bucket.take(1, rate: 10, burst: 20, now: 0) == 10.1)
        #expect(bucket.take(120, rate: 10, burst: 20, now: 0) == 12)
        #expect(bucket.take(120, rate: 10, burst: 20, now: 12_000) == nil)
    }

    @Test func `over a long time the rate holds whatever the size of requests`() {
        for size in [1, 7, 50, 1000] {
            var bucket = TokenBucket(rate: 100, burst: 200, now: 0)
            var taken = 0
            for now in stride(from: Int64(0), through: 1_000_000, by: 10)
            where bucket.take(size, rate: 100, burst: 200, now: now) == nil {
                taken += size
            }
            #expect((99_000...101_200).contains(taken), "\(size): \(taken)")
        }
    }

    @Test func `a clock that goes back, or far ahead, brings no more than it should`() {
        var bucket = TokenBucket(rate: 100, burst: 200, now: 1000)
        #expect(bucket.take(200, rate: 100, burst: 200, now: 1000) == nil)
        #expect(bucket.take(1, rate: 100, burst: 200, now: 0) != nil)
        #expect(bucket.take(100, rate: 100, burst: 200, now: 1000) == nil)
        #expect(bucket.take(1, rate: 100, burst: 200, now: .min) != nil)
        #expect(bucket.take(201, rate: 100, burst: 200, now: .max) != nil)
        #expect(bucket.take(1, rate: 100, burst: 200, now: .max) != nil)
    }

    @Test func `another limit holds from the next request on`() {
        var bucket = TokenBucket(rate: 1, burst: 1000, now: 0)
        #expect(bucket.take(10, rate: 1, burst: 5, now: 0) == nil)
        #expect(bucket.take(5, rate: 1, burst: 5, now: 0) == 10)
        #expect(bucket.take(5, rate: 10, burst: 5, now: 0) == 1)
    }

    @Test func `a bucket is full again once all has come back`() {
        var bucket = TokenBucket(rate: 10, burst: 20, now: 0)
        #expect(bucket.isFull(now: 0))
        _ = bucket.take(5, rate: 10, burst: 20, now: 0)
        #expect(!bucket.isFull(now: 499))
        #expect(bucket.isFull(now: 500))
    }
}
