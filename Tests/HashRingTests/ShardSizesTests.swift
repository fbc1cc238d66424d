import Testing

@testable import HashRing

@Suite struct ShardSizesTests {
    @Test func `without a change the present size counts`() {
        let sizes = ShardSizes()
        #expect(sizes.size(of: "t", at: 0, now: 3) == 3)
        #expect(sizes.largest(of: "t", since: 0, now: 3) == 3)
    }

    @Test func `writers go by the size of a time, readers by the largest since then`() {
        var sizes = ShardSizes()
        sizes.note(6, of: "t", until: 100)
        sizes.note(3, of: "t", until: 200)
        #expect(
            [50, 100, 150, 200, 250].map { sizes.size(of: "t", at: $0, now: 4) } == [6, 3, 3, 4, 4]
        )
        #expect(
            [50, 100, 101, 200, 201].map { sizes.largest(of: "t", since: $0, now: 2) }
                == [6, 6, 3, 3, 2]
        )
        #expect(sizes.size(of: "other", at: 50, now: 4) == 4)
    }

    @Test func `no size is larger than all`() {
        var sizes = ShardSizes()
        sizes.note(0, of: "t", until: 100)
        #expect(sizes.largest(of: "t", since: 50, now: 9) == 0)
        #expect(sizes.largest(of: "t", since: 101, now: 9) == 9)
        #expect(sizes.largest(of: "t", since: 50, now: 0) == 0)
        sizes.note(9, of: "t", until: 200)
        #expect(sizes.largest(of: "t", since: 101, now: 0) == 0)
    }

    @Test func `what is over for long is forgotten`() {
        var sizes = ShardSizes()
        sizes.note(6, of: "t", until: 100)
        sizes.note(3, of: "t", until: 200)
        sizes.forget(before: 150)
        #expect(sizes.largest(of: "t", since: 0, now: 2) == 3)
        sizes.forget(before: 201)
        #expect(sizes.largest(of: "t", since: 0, now: 2) == 2)
    }

    @Test func `of many changes the oldest become one that leaves nobody out`() {
        var sizes = ShardSizes()
        sizes.note(50, of: "t", until: 1)
        for time in 2...100 { sizes.note(time % 7 + 1, of: "t", until: Int64(time)) }
        #expect(sizes.largest(of: "t", since: 1, now: 1) == 50)
        #expect(sizes.largest(of: "t", since: 95, now: 1) == 7)
        let oldest = Int64(100 - ShardSizes.maximumCount)
        #expect(sizes.largest(of: "t", since: oldest + 2, now: 1) == 7)
    }
}
