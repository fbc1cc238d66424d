import Testing

@testable import Distribution

@Suite struct DiscardLogTests {
    private func example(
        _ series: String,
        _ reason: DiscardReason = .tooOld,
        at time: Int64 = 1,
        count: Int = 1
    ) -> DiscardedSeries {
        DiscardedSeries(
            kind: .sample,
            reason: reason,
            series: series,
            fault: "it is",
            limit: nil,
            count: count,
            firstTime: time,
            lastTime: time
        )
    }

    @Test func `the newest refusal comes first, and a series has one place for each reason`() {
        let log = DiscardLog()
        log.note([example("a"), example("b", count: 2)], of: "t")
        log.note([example("a", .outOfOrder, at: 2), example("b", at: 3, count: 5)], of: "t")
        let found = log.series(of: "t", reason: nil)
        #expect(found.map(\.series) == ["b", "a", "a"])
        #expect(found[0].count == 7)
        #expect(found[0].firstTime == 1)
        #expect(found[0].lastTime == 3)
        #expect(log.series(of: "t", reason: .outOfOrder).map(\.series) == ["a"])
        #expect(log.series(of: "t", reason: .labelInvalid).isEmpty)
        #expect(log.series(of: "other", reason: nil).isEmpty)
    }

    @Test func `a tenant has the last hundred`() {
        let log = DiscardLog()
        for number in 0..<250 { log.note([example("s\(number)", at: Int64(number))], of: "t") }
        let found = log.series(of: "t", reason: nil)
        #expect(found.map(\.series) == (150..<250).reversed().map { "s\($0)" })
    }

    @Test func `where there are too many bytes, tenants that were refused longest ago go`() {
        let log = DiscardLog(maximumSize: 20_000)
        let long = String(repeating: "x", count: 1000)
        for time in 0..<200 {
            log.note([example(long, at: Int64(time))], of: "tenant \(time)")
            // The first one is refused all the time.
            log.note([example(long, at: Int64(time))], of: "tenant 0")
        }
        let left = (0..<200).filter { !log.series(of: "tenant \($0)", reason: nil).isEmpty }
        #expect((10...18).contains(left.count), "\(left)")
        #expect(left.first == 0)
        #expect(left.dropFirst().allSatisfy { $0 > 180 })
    }
}
