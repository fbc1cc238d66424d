import Synchronization
import Testing

@testable import Querying

@Suite(.timeLimit(.minutes(1))) struct DeadlineWatchTests {
    private let watch = DeadlineWatch()

    @Test func `a query is ended when its deadline passes, whichever is watched first`() async {
        let ended = CallList()
        let late = QueryDeadline(timeout: .seconds(3600))
        let lateID = watch.add(late) { ended.add("late") }
        let deadlines = [30, 10, 20].map { QueryDeadline(timeout: .milliseconds($0)) }
        for (index, deadline) in deadlines.enumerated() {
            _ = watch.add(deadline) { ended.add("\(index)") }
        }
        await eventually { ended.all.count == 3 }
        #expect(Set(ended.all) == ["0", "1", "2"])
        #expect(deadlines.allSatisfy { $0.hasExpired && !$0.wasCancelled })
        #expect(!late.hasExpired)
        #expect(watch.count == 1)
        watch.remove(lateID)
        #expect(watch.count == 0)
    }

    @Test func `a query that was removed is never ended`() async {
        let ended = CallList()
        let short = QueryDeadline(timeout: .milliseconds(5))
        watch.remove(watch.add(short) { ended.add("removed") })
        _ = watch.add(QueryDeadline(timeout: .milliseconds(10))) { ended.add("kept") }
        await eventually { !ended.all.isEmpty }
        #expect(ended.all == ["kept"])
        #expect(!short.hasExpired)
    }

    @Test func `deadlines that have passed already end queries too`() async {
        let ended = CallList()
        _ = watch.add(QueryDeadline(timeout: .seconds(-1))) { ended.add("over") }
        await eventually { ended.all == ["over"] }
        _ = watch.add(QueryDeadline(timeout: .zero)) { ended.add("again") }
        await eventually { ended.all == ["over", "again"] }
    }
}
