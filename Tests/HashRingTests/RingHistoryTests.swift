import TestSupport
import Testing

@testable import HashRing

@Suite struct RingHistoryTests {
    static let lag: Int64 = 100

    @Test func `until members stored what they took before, they may hold anything`() {
        var history = RingHistory(lag: Self.lag)
        let names = ShuffleShardTests.members(6, zones: 0).map(\.instance)
        // Seen first at 1000, with samples of before then.
        history.update(Self.members(unstoredAge: 500), at: 1000)
        #expect(Self.readers(history, size: 3) == names)
        history.update(Self.members(unstoredAge: 500), at: 1500)
        #expect(Self.readers(history, size: 3) == names)
        history.update(Self.members(unstoredAge: 400), at: 1500)
        let shard = ShuffleShardTests.writers(of: "t", 3, on: Self.ring())
        #expect(Self.readers(history, size: 3) == shard)
    }

    @Test
    func `a member that says nothing is asked, and one that stops saying is taken at its word`() {
        var history = RingHistory(lag: Self.lag)
        let shard = ShuffleShardTests.writers(of: "t", 3, on: Self.ring())
        let outside = Self.ring().members.map(\.instance).filter { !shard.contains($0) }
        history.update(Self.members(), at: 1000)
        history.update(Self.members(unstoredAge: 0, silent: [outside[0]]), at: 5000)
        #expect(Self.readers(history, size: 3) == (shard + [outside[0]]).sorted())
        history.update(Self.members(unstoredAge: 0), at: 6000)
        #expect(Self.readers(history, size: 3) == shard)
        // It starts again and replays its log.
        history.update(Self.members(unstoredAge: 0, silent: [outside[0]]), at: 7000)
        #expect(Self.readers(history, size: 3) == shard)
    }

    @Test func `a member that joined counts beside the one whose place it took`() {
        let all = Self.members()
        let shard = ShuffleShardTests.writers(of: "t", 3, on: Self.ring())
        let joined = shard[1]
        var history = RingHistory(lag: Self.lag)
        let before = all.filter { $0.instance != joined }
        history.update(before, at: 0)
        history.update(Self.stored(before), at: 5000)
        let former = ShuffleShardTests.writers(of: "t", 3, on: ShuffleShardTests.ring(before))
        #expect(Self.readers(history, before, size: 3) == former)

        history.update(Self.stored(all), at: 6000)
        let both = Set(former).union(shard).sorted()
        #expect(both.count == 4)
        #expect(Self.readers(history, all, size: 3) == both)
        // What they took until then is stored, but others may have known the old ring for longer.
        history.update(Self.stored(all), at: 6000 + Self.lag - 1)
        #expect(Self.readers(history, all, size: 3) == both)
        history.update(Self.stored(all), at: 6000 + Self.lag)
        #expect(Self.readers(history, all, size: 3) == shard)
    }

    @Test(arguments: [MemberState.leaving, .readOnly])
    func `a member that takes no more writes is asked beside its successor`(state: MemberState) {
        let all = Self.members(unstoredAge: 0)
        let shard = ShuffleShardTests.writers(of: "t", 3, on: Self.ring())
        var changed = all
        let index = all.firstIndex { $0.instance == shard[0] } ?? 0
        changed[index].state = state
        var history = RingHistory(lag: Self.lag)
        history.update(all, at: 0)
        history.update(all, at: 5000)
        history.update(changed, at: 6000)
        let successors = ShuffleShardTests.writers(of: "t", 3, on: ShuffleShardTests.ring(changed))
        #expect(
            Set(Self.readers(history, changed, size: 3)) == Set(successors).union([shard[0]])
        )
        // It takes writes again: its successor has what came meanwhile.
        history.update(all, at: 7000)
        #expect(Set(Self.readers(history, all, size: 3)) == Set(successors).union([shard[0]]))
        history.update(all, at: 7000 + Self.lag)
        #expect(Self.readers(history, all, size: 3) == shard)
    }

    @Test func `a member that left is not asked, and its successor is`() {
        let all = Self.members(unstoredAge: 0)
        let shard = ShuffleShardTests.writers(of: "t", 3, on: Self.ring())
        let rest = all.filter { $0.instance != shard[0] }
        var history = RingHistory(lag: Self.lag)
        history.update(all, at: 0)
        history.update(all, at: 5000)
        history.update(rest, at: 6000)
        let after = ShuffleShardTests.writers(of: "t", 3, on: ShuffleShardTests.ring(rest))
        #expect(Self.readers(history, rest, size: 3) == after)
    }

    @Test func `hostile ages trap nothing`() {
        for age in [Int64.min, -1, 0, .max] {
            var history = RingHistory(lag: Self.lag)
            history.update(Self.members(unstoredAge: age), at: 0)
            history.update(Self.members(unstoredAge: age), at: 500)
            let count = Self.readers(history, size: 3).count
            #expect(count == (age > 0 ? 6 : 3))
        }
    }

    /// Rings and sizes change at random, and writers with views of their own, up to the lag apart, write by them.
    ///
    /// Whoever
    /// took something that is not stored is among the readers.
    @Test(arguments: 0..<12 as Range<UInt64>)
    func `whatever changes, no reader leaves out a member with samples`(seed: UInt64) {
        var run = RandomRing(seed: seed, lag: Self.lag)
        for _ in 0..<200 { run.step() }
        #expect(run.missed.isEmpty, "\(run.missed.prefix(3))")
        // The rule is worth something.
        #expect(run.askedCount < run.memberCount, "\(run.askedCount) of \(run.memberCount)")
    }

    @Test func `a reader that allows for no lag would be found out`() {
        let missed = (0..<12 as Range<UInt64>).contains { seed in
            var run = RandomRing(seed: seed, lag: 0)
            for _ in 0..<200 where run.missed.isEmpty { run.step() }
            return !run.missed.isEmpty
        }
        #expect(missed)
    }

    // MARK: Rings

    static func members(unstoredAge: Int64? = nil, silent: Set<String> = []) -> [RingMember] {
        ShuffleShardTests.members(6, zones: 0).map { member in
            var member = member
            member.unstoredAge = silent.contains(member.instance) ? nil : unstoredAge
            return member
        }
    }

    static func ring() -> HashRing { ShuffleShardTests.ring(members()) }

    static func stored(_ members: [RingMember]) -> [RingMember] {
        members.map { member in
            var member = member
            member.unstoredAge = 0
            return member
        }
    }

    static func readers(
        _ history: RingHistory,
        _ members: [RingMember] = members(),
        size: Int
    ) -> [String] {
        let ring = ShuffleShardTests.ring(members)
        let positions = history.lookBack(on: ring).readers(
            of: ShuffleShard(tenant: "t", size: size),
            on: ring,
            replicationFactor: 3
        )
        return (positions ?? Array(ring.members.indices)).map { ring.members[$0].instance }
    }
}

/// A ring that changes, writers that learn of it late, and one reader.
private struct RandomRing {
    /// After which writers go by a new size.
    private static let delay: Int64 = 30

    private var random: SeededGenerator
    private var now: Int64 = 0
    private var members: [RingMember]
    private var size = 3
    /// All rings and sizes there were, with the time from which on.
    private var past: [(time: Int64, members: [RingMember], size: Int)] = []
    private var history: RingHistory
    private var sizes = ShardSizes()
    /// When each member took its oldest sample that is not stored.
    private var unstored: [String: Int64] = [:]
    private var storedThrough: [String: Int64] = [:]
    private(set) var missed: [String] = []
    private(set) var askedCount = 0
    private(set) var memberCount = 0

    init(seed: UInt64, lag: Int64) {
        history = RingHistory(lag: lag)
        random = SeededGenerator(seed: seed)
        let zones = Int(seed % 4)
        members = ShuffleShardTests.members(14, zones: zones)
        past = [(0, members, size)]
    }

    mutating func step() {
        now += Int64.random(in: 1...15, using: &random)
        change()
        past.append((now, members, size))
        write()
        store()
        read()
    }

    private mutating func change() {
        guard Int.random(in: 0..<6, using: &random) == 0 else { return }
        let index = Int.random(in: 0..<members.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            let wanted = Int.random(in: 2...7, using: &random)
            guard wanted != size else { return }
            sizes.note(size, of: "t", until: now)
            size = wanted
        case 2:
            members[index].state = members[index].state == .active ? .readOnly : .active
        case 3:
            members[index].state = members[index].state == .active ? .leaving : .active
        case 4:
            // Gone, all is stored.
            guard members.count > 6 else { return }
            unstored[members[index].instance] = nil
            storedThrough[members[index].instance] = nil
            members.remove(at: index)
        default:
            let number = Int.random(in: 0..<99, using: &random)
            let member = ShuffleShardTests.members(99, zones: 3)[number]
            guard !members.contains(where: { $0.instance == member.instance }) else { return }
            members.append(member)
        }
    }

    /// By a ring of up to 40 ago, and a size of as long ago before the delay.
    private mutating func write() {
        let ringTime = now - Int64.random(in: 0...40, using: &random)
        let sizeTime = now - Self.delay - Int64.random(in: 0...40, using: &random)
        let ring = ShuffleShardTests.ring(
            view(at: ringTime).members.filter(\.holdsPlaceInShards)
        )
        let shard = ShuffleShardTests.writers(of: "t", view(at: sizeTime).size, on: ring)
        for name in shard where members.contains(where: { $0.instance == name }) {
            unstored[name] = min(unstored[name] ?? now, now)
        }
    }

    private func view(at time: Int64) -> (members: [RingMember], size: Int) {
        let seen = past.last { $0.time <= time } ?? past[0]
        return (seen.members, seen.size)
    }

    private mutating func store() {
        for member in members where Int.random(in: 0..<8, using: &random) == 0 {
            storedThrough[member.instance] = now
            unstored[member.instance] = nil
        }
    }

    private mutating func read() {
        let seen = members.map { member in
            var member = member
            member.unstoredAge = storedThrough[member.instance].map { now - $0 }
            return member
        }
        history.update(seen, at: now)
        let ring = ShuffleShardTests.ring(seen)
        let lookBack = history.lookBack(on: ring)
        let size =
            lookBack.since.map { sizes.largest(of: "t", since: $0, now: self.size) } ?? self.size
        let positions = lookBack.readers(
            of: ShuffleShard(tenant: "t", size: size),
            on: ring,
            replicationFactor: 3
        )
        let asked = Set(
            (positions ?? Array(ring.members.indices)).map { ring.members[$0].instance }
        )
        askedCount += asked.count
        memberCount += ring.members.count
        for (name, _) in unstored where !asked.contains(name) { missed.append("\(name) at \(now)") }
    }
}
