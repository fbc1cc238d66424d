import HashRing
import TestSupport
import Testing

@Suite struct TokenChoiceTests {
    /// Fewer tokens where there are many members, so that the test stays short: more tokens only make it more even.
    @Test(arguments: [(1, 512), (2, 512), (3, 512), (5, 512), (10, 512), (30, 512), (300, 64)])
    func `members that join one after the other own nearly the same`(count: Int, tokens: Int) {
        var generator = SeededGenerator(seed: 1)
        let members = Self.joined(count: count, zones: 1, tokens: tokens, using: &generator)
        let ownership = HashRing(members: members) { _ in true }.ownership
        for share in ownership {
            #expect(abs(share * Double(count) - 1) < 0.05, "\(ownership)")
        }
    }

    @Test func `each member of a zone holds nearly the same number of copies`() {
        var generator = SeededGenerator(seed: 2)
        let members = Self.joined(count: 12, zones: 3, using: &generator)
        let ring = HashRing(members: members) { _ in true }
        var copies = [Int](repeating: 0, count: members.count)
        let series = 40_000
        for _ in 0..<series {
            let token = UInt32.random(in: 0 ... .max, using: &generator)
            for member in ring.replicas(for: token, replicationFactor: 3) { copies[member] += 1 }
        }
        // Three copies over twelve members; the samples themselves scatter by 1 %.
        let even = Double(3 * series) / 12
        for count in copies { #expect(abs(Double(count) / even - 1) < 0.06, "\(copies)") }
    }

    @Test func `joining moves no more than the share of the new member`() {
        var generator = SeededGenerator(seed: 3)
        let members = Self.joined(count: 9, zones: 1, using: &generator)
        let before = HashRing(members: members) { _ in true }
        let newcomer = Self.member(9, zones: 1, joining: members, using: &generator)
        let after = HashRing(members: members + [newcomer]) { _ in true }
        for _ in 0..<20_000 {
            let token = UInt32.random(in: 0 ... .max, using: &generator)
            let old = before.members[before.replicas(for: token, replicationFactor: 1)[0]]
            let new = after.members[after.replicas(for: token, replicationFactor: 1)[0]]
            #expect(old == new || new == newcomer)
        }
    }

    @Test(arguments: 0..<5)
    func `shares stay within a fifth of even while members come and go`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var members = Self.joined(count: 8, zones: 1, using: &generator)
        for number in 8..<24 {
            members.remove(at: Int.random(in: 0..<members.count, using: &generator))
            members.append(Self.member(number, zones: 1, joining: members, using: &generator))
        }
        let ownership = HashRing(members: members) { _ in true }.ownership
        for share in ownership { #expect(abs(share * 8 - 1) < 0.2, "\(ownership)") }
    }

    @Test func `tokens are ascending, as many as asked for, and nobody else's`() {
        var generator = SeededGenerator(seed: 4)
        let members = Self.joined(count: 20, zones: 3, using: &generator)
        #expect(members.allSatisfy { $0.tokens.count == TokenChoice.defaultCount })
        #expect(members.allSatisfy { $0.tokens == $0.tokens.sorted() })
        let all = members.flatMap(\.tokens)
        #expect(Set(all).count == all.count)
    }

    @Test func `the same seed chooses the same tokens`() {
        var (one, two) = (SeededGenerator(seed: 5), SeededGenerator(seed: 5))
        let first = Self.joined(count: 4, zones: 2, using: &one)
        #expect(first == Self.joined(count: 4, zones: 2, using: &two))
    }

    @Test func `a ring without room gives as many tokens as it has`() {
        var generator = SeededGenerator(seed: 6)
        let full = RingMember(
            instance: "a",
            address: "",
            state: .active,
            tokens: [0, 1 << 30, 1 << 31, 3 << 30]
        )
        let tokens = TokenChoice.tokens(joining: "", members: [full], count: 1, using: &generator)
        #expect(tokens.count == 1)
        let ring = HashRing(
            members: [
                full, RingMember(instance: "b", address: "", state: .active, tokens: tokens),
            ]
        ) { _ in true }
        // One token cannot take more than one arc.
        #expect(abs(ring.ownership[1] - 0.25) < 0.001)
    }

    private static func joined(
        count: Int,
        zones: Int,
        tokens: Int = TokenChoice.defaultCount,
        using generator: inout SeededGenerator
    ) -> [RingMember] {
        var members: [RingMember] = []
        for number in 0..<count {
            members.append(
                member(number, zones: zones, joining: members, tokens: tokens, using: &generator)
            )
        }
        return members
    }

    private static func member(
        _ number: Int,
        zones: Int,
        joining members: [RingMember],
        tokens: Int = TokenChoice.defaultCount,
        using generator: inout SeededGenerator
    ) -> RingMember {
        let zone = "zone-\(number % zones)"
        return RingMember(
            instance: "member-\(number)",
            address: "",
            zone: zone,
            state: .active,
            tokens: TokenChoice.tokens(
                joining: zone,
                members: members,
                count: tokens,
                using: &generator
            )
        )
    }
}
