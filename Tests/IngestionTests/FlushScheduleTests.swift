import Testing

@testable import Ingestion

@Suite struct FlushScheduleTests {
    @Test(arguments: [
        (now: 0 as Int64, due: Int64?.some(-100)), (10, 0), (9, -100), (109, 0), (110, 100),
        (-1, -100), (-90, -100), (-91, -200), (1_010, 1_000),
    ])
    func `windows are due a delay after their end`(now: Int64, due: Int64?) {
        let schedule = FlushSchedule(blockDuration: 100, flushDelay: 10)
        #expect(schedule.due(at: now) == due)
    }

    @Test func `what was cut is not due again, whatever the clock says`() {
        var schedule = FlushSchedule(blockDuration: 100, flushDelay: 10)
        schedule.cut(before: 200)
        #expect(schedule.due(at: 215) == nil)
        #expect(schedule.due(at: 50) == nil)
        #expect(schedule.due(at: 310) == 300)
        schedule.cut(before: 100)
        #expect(schedule.cutBefore == 200)
    }

    @Test func `times are rounded down to multiples, below zero too`() {
        for time: Int64 in -25...25 {
            let floor = FlushSchedule.floor(time, to: 10)
            #expect(floor % 10 == 0 && floor <= time && time < floor + 10)
        }
    }
}
