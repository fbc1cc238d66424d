import HashRing
import Testing

@Suite struct DeadMembersTests {
    private let minute: Int64 = 60_000

    @Test func `a dead member is forgotten once all others have stored what they took before`() {
        var dead = Self.watch()
        // Seen dead at 10 min; the others stored everything up to five minutes ago, then up to now.
        #expect(dead.update(ring(unstored: 5), at: 10 * minute).isEmpty)
        #expect(dead.update(ring(unstored: 5), at: 15 * minute).isEmpty)
        #expect(dead.update(ring(unstored: 4), at: 15 * minute).isEmpty)
        let forgotten = dead.update(ring(unstored: 4), at: 15 * minute + 1)
        #expect(forgotten.map(\.instance) == ["a"])
    }

    @Test func `a death counts from when it was seen, whatever the last heartbeat was`() {
        var dead = Self.watch()
        var members = ring(unstored: 0)
        members[0].heartbeatAge = 1000 * minute
        #expect(dead.update(members, at: 0).isEmpty)
        #expect(dead.update(members, at: minute).isEmpty)
        #expect(dead.update(members, at: minute + 1).count == 1)
    }

    @Test func `one that came back in between counts anew`() {
        var dead = Self.watch()
        #expect(dead.update(ring(unstored: 0), at: 0).isEmpty)
        var members = ring(unstored: 0)
        members[0].heartbeatAge = 0
        #expect(dead.update(members, at: 5 * minute).isEmpty)
        #expect(dead.update(ring(unstored: 0), at: 10 * minute).isEmpty)
        members = ring(unstored: 0)
        members[0].epoch = 7
        #expect(dead.update(members, at: 20 * minute).isEmpty)
        #expect(dead.update(members, at: 22 * minute).count == 1)
    }

    @Test func `of two that died together neither is forgotten, what they stored last is too old`()
    {
        var dead = Self.watch()
        for time in 0..<60 {
            var members = ring(unstored: 0)
            for index in 0...1 {
                members[index].heartbeatAge = Int64(2 + time) * minute
                members[index].unstoredAge = Int64(5 + time) * minute
            }
            #expect(dead.update(members, at: Int64(time) * minute).isEmpty)
        }
    }

    @Test func `nobody is forgotten while one has not said what it has stored`() {
        var dead = Self.watch()
        var members = ring(unstored: 0)
        members[1].unstoredAge = nil
        for time in 0..<60 { #expect(dead.update(members, at: Int64(time) * minute).isEmpty) }
    }

    @Test func `one that holds nothing yet stands in nobody's way`() {
        var dead = Self.watch()
        var members = ring(unstored: 0)
        members[1].state = .pending
        members[1].tokens = []
        members[1].unstoredAge = nil
        #expect(!members[1].mayHoldSamples)
        #expect(dead.update(members, at: 0).isEmpty)
        #expect(dead.update(members, at: 2 * minute).count == 1)
    }

    @Test func `one that starts again is waited for, though its row says that it is new`() {
        var dead = Self.watch()
        var members = ring(unstored: 0)
        members[1].state = .pending
        members[1].tokens = [7]
        members[1].unstoredAge = nil
        #expect(members[1].mayHoldSamples)
        for time in 0..<10 { #expect(dead.update(members, at: Int64(time) * minute).isEmpty) }
    }

    @Test func `a single copy is never forgotten, nor the last member`() {
        var single = DeadMembers(heartbeatTimeout: minute, quorum: Quorum(replicationFactor: 1))
        var alone = Self.watch()
        for time in 0..<5 {
            #expect(single.update(ring(unstored: 0), at: Int64(time) * minute).isEmpty)
            #expect(alone.update([ring(unstored: 0)[0]], at: Int64(time) * minute).isEmpty)
        }
    }

    @Test func `reasons name what is waited for`() {
        let dead = Self.watch()
        let members = ring(unstored: 9)
        let kept = dead.reasonToKeep(members[0], among: members, deadFor: 10 * minute)
        #expect(kept == "b may hold samples from before the death that are in no block yet")
        let living = dead.reasonToKeep(members[1], among: members, deadFor: 0)
        #expect(living?.hasPrefix("its last heartbeat is 0 s old") == true)
    }

    private static func watch() -> DeadMembers {
        DeadMembers(heartbeatTimeout: 60_000, quorum: Quorum(replicationFactor: 3))
    }

    /// Three members, of which the first is dead, the others with something unstored for so many minutes.
    private func ring(unstored: Int64) -> [RingMember] {
        ["a", "b", "c"].map { name in
            RingMember(
                instance: name,
                address: "",
                state: .active,
                tokens: [1],
                epoch: 1,
                heartbeatAge: name == "a" ? 2 * minute : 0,
                unstoredAge: unstored * minute
            )
        }
    }
}
