import ClusterInterface
import MetricsModel
import Testing

@testable import Compaction

@Suite struct CompactionPlanTests {
    private let settings = CompactionSettings()
    private let day = CompactionDay(tenant: .anonymous, containing: DayFixture.day)
    private var dayEnd: Int64 { day.range.end }

    private func block(
        _ number: UInt64,
        hour: Int64 = 0,
        level: Int = 0,
        size: Int = 1000
    ) -> BlockRecord {
        let start = DayFixture.day + hour * DayFixture.hour
        return BlockRecord(
            tenant: .anonymous,
            id: BlockID(high: 0, low: number),
            range: TimeRange(start: start + Int64(number), end: start + 2 * DayFixture.hour),
            level: level,
            seriesCount: 1,
            sampleCount: 1,
            size: size,
            directory: 0..<size
        )
    }

    private func jobs(_ blocks: [BlockRecord], at now: Int64) -> [CompactionPlan.Job] {
        CompactionPlan(day: day, blocks: blocks, now: now, settings: settings).jobs
    }

    @Test func `a day whose block is held gets no other`() {
        let held = [block(99, level: 2)]
        func jobs(_ count: Int) -> [CompactionPlan.Job] {
            let blocks = (0..<count).map { block(UInt64($0), hour: 2) }
            return CompactionPlan(
                day: day,
                blocks: blocks,
                held: held,
                now: dayEnd + settings.lateTime,
                settings: settings
            ).jobs
        }
        #expect(jobs(1).isEmpty && jobs(7).isEmpty)
        #expect(jobs(8) == [.merge((0..<8).map { block(UInt64($0), hour: 2) }, level: 1)])
        // What is held of the day is no block of the day yet.
        let early = CompactionPlan(
            day: day,
            blocks: [block(1), block(2)],
            held: [block(3)],
            now: dayEnd + settings.lateTime,
            settings: settings
        )
        #expect(early.jobs == [.merge([block(1), block(2)], level: 2)])
    }

    @Test func `a day that is over becomes one block`() {
        let blocks = (0..<12).map { block(UInt64($0), hour: Int64($0) * 2) }
        #expect(jobs(blocks, at: dayEnd + settings.delay - 1).isEmpty)
        #expect(jobs(blocks, at: dayEnd + settings.delay) == [.merge(blocks, level: 2)])
    }

    @Test func `what is one block already is not written again`() {
        let late = dayEnd + settings.lateTime
        #expect(jobs([], at: late).isEmpty)
        #expect(jobs([block(1, level: 2)], at: late).isEmpty)
        #expect(jobs([block(1, level: 2), block(2, level: 2)], at: late).isEmpty)
        #expect(jobs([block(1)], at: late) == [.promote(block(1))])
    }

    @Test func `late blocks wait until they are many or much, or the day is settled`() {
        let whole = block(1, level: 2, size: 100_000)
        let late = (2..<10).map { block($0, size: 10) }
        let soon = dayEnd + settings.delay
        #expect(jobs([whole] + late.prefix(7), at: soon).isEmpty)
        #expect(jobs([whole] + late, at: soon) == [.merge([whole] + late, level: 2)])
        let large = block(2, size: 25_000)
        #expect(jobs([whole, large], at: soon) == [.merge([whole, large], level: 2)])
        let settled = dayEnd + settings.lateTime
        #expect(jobs([whole, late[0]], at: settled) == [.merge([whole, late[0]], level: 2)])
    }

    @Test func `blocks are merged in the order of the catalog`() {
        let whole = block(5, level: 2)
        let early = block(1, hour: -0)
        let plan = jobs([early, whole, block(9)], at: dayEnd + settings.lateTime)
        #expect(plan == [.merge([early, whole, block(9)], level: 2)])
    }

    @Test func `more blocks than one merge takes are merged in steps that end`() {
        var blocks = (0..<200).map { block(UInt64($0), hour: 2) }
        let now = dayEnd + settings.lateTime
        var steps = 0
        while let job = jobs(blocks, at: now).first {
            steps += 1
            switch job {
            case .promote(let one):
                let index = blocks.firstIndex(of: one) ?? 0
                blocks[index].level = 2
            case .merge(let parents, let level):
                #expect(parents.count <= settings.maximumInputs)
                blocks.removeAll { parents.contains($0) }
                blocks.append(block(UInt64(1000 + steps), hour: 2, level: level))
            }
            #expect(steps < 10)
        }
        #expect(blocks.count == 1)
        #expect(blocks.first?.level == 2)
    }

    @Test func `a day whose blocks are too many for one merge takes late ones beside them`() {
        let whole = (0..<64).map { block(UInt64($0), level: 2) }
        let now = dayEnd + settings.lateTime
        let late = [block(100), block(101)]
        #expect(jobs(whole + late, at: now) == [.merge(late, level: 1)])
        #expect(jobs(whole + late.prefix(1), at: now) == [.promote(late[0])])
    }

    @Test func `before the day is over small blocks of a window are merged`() {
        let window = (0..<4).map { block(UInt64($0), hour: 2) }
        let next = (4..<7).map { block(UInt64($0), hour: 4) }
        let end = DayFixture.day + 4 * DayFixture.hour + settings.delay
        #expect(jobs(window + next, at: end - 1).isEmpty)
        #expect(jobs(window + next, at: end) == [.merge(window, level: 1)])
        let large = (0..<4).map { block(UInt64($0), hour: 2, size: 9 << 20) }
        #expect(jobs(large, at: end).isEmpty)
    }

    @Test func `blocks of other days and tenants are left alone`() throws {
        var stranger = block(2)
        stranger.tenant = try TenantID("other")
        let tomorrow = block(3, hour: 24)
        let yesterday = block(4, hour: -2)
        let now = dayEnd + settings.lateTime
        #expect(jobs([yesterday, block(1), stranger, tomorrow], at: now) == [.promote(block(1))])
    }

    @Test(arguments: [0, -1, -86_400_000, -86_400_001, .min, .max] as [Int64])
    func `any time is in its day`(time: Int64) {
        let day = CompactionDay(tenant: .anonymous, containing: time)
        #expect(day.range.contains(time) || time == .max)
    }
}
