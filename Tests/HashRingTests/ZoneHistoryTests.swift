import HashRing
import Testing

@Suite struct ZoneHistoryTests {
    private static func members(_ ages: [Int64?]) -> [RingMember] {
        ages.enumerated().map { index, age in
            RingMember(
                instance: "i\(index)",
                address: "a:\(index)",
                zone: "z\(index)",
                state: .active,
                tokens: [UInt32(index)],
                unstoredAge: age
            )
        }
    }

    @Test func `a ring that has its zones at the first look counts by zone`() {
        var history = ZoneHistory()
        history.update(Self.members([nil, nil, nil]), hasZones: true, at: 5)
        #expect(history.countsByZone)
        history.update(Self.members([nil, nil, nil]), hasZones: true, at: 6)
        #expect(history.countsByZone)
    }

    @Test func `a ring that gets its zones counts by zone once what was before is stored`() {
        var history = ZoneHistory()
        history.update(Self.members([10, 10]), hasZones: false, at: 0)
        #expect(!history.countsByZone)
        func isZoned(_ ages: [Int64?], at now: Int64) -> Bool {
            history.update(Self.members(ages), hasZones: true, at: now)
            return history.countsByZone
        }
        #expect(!isZoned([0, 40_000, 0], at: 1000))
        // A minute more, less than which some go by the ring before.
        #expect(!isZoned([0, 40_000, 0], at: 101_000))
        #expect(!isZoned([0, nil, 0], at: 101_001))
        #expect(isZoned([0, 40_000, 0], at: 101_001))
        // Once is enough: older samples do not come.
        #expect(isZoned([nil, 90_000, 0], at: 101_002))
        history.update(Self.members([0, 0]), hasZones: false, at: 102_000)
        #expect(!history.countsByZone)
        #expect(!isZoned([40_000, 0, 0], at: 103_000))
    }

    @Test func `a cluster whose members begin one after the other counts by zone`() {
        var history = ZoneHistory()
        history.update(Self.members([0]), hasZones: false, at: 0)
        history.update(Self.members([2000, nil, 0]), hasZones: true, at: 1000)
        #expect(!history.countsByZone)
        history.update(Self.members([7000, 0, 5000]), hasZones: true, at: 6000)
        #expect(history.countsByZone)
    }

    @Test func `one that only announced itself is not waited for`() {
        var history = ZoneHistory()
        history.update([], hasZones: false, at: 0)
        history.update([], hasZones: true, at: 0)
        var members = Self.members([0, 0, 0])
        members.append(RingMember(instance: "n", address: "n:1", state: .pending, tokens: []))
        history.update(members, hasZones: true, at: 70_000)
        #expect(history.countsByZone)
    }
}
