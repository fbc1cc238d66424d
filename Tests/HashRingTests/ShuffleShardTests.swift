import TestSupport
import Testing

@testable import HashRing

@Suite struct ShuffleShardTests {
    @Test func `the members of a shard are fixed for ever`() {
        // A process of another version must pick the same.
        let ring = Self.ring(Self.members(9, zones: 3))
        func names(_ tenant: String, _ size: Int) -> [String] {
            Self.writers(of: tenant, size, on: ring).sorted()
        }
        #expect(names("team-a", 3) == Golden.teamA3)
        #expect(names("team-a", 6) == Golden.teamA6)
        #expect(names("team-b", 3) == Golden.teamB3)
    }

    @Test(arguments: [
        // size, members, zones, copies → members of the shard
        (3, 12, 3, 3, 3), (4, 12, 3, 3, 6), (5, 12, 0, 3, 5), (1, 12, 0, 3, 3), (1, 12, 3, 3, 3),
        (2, 12, 0, 1, 2), (12, 12, 3, 3, 12), (50, 12, 3, 3, 12), (0, 12, 3, 3, 12),
        (3, 2, 0, 3, 2),
        (3, 10, 5, 3, 5), (5, 12, 2, 3, 6), (1, 4, 2, 5, 4),
    ])
    func `a shard has as many members as wanted, in each zone the same, and as many as copies`(
        size: Int,
        memberCount: Int,
        zones: Int,
        copies: Int,
        expected: Int
    ) {
        let ring = Self.ring(Self.members(memberCount, zones: zones))
        for tenant in 0..<50 {
            let shard = Self.writers(of: "tenant-\(tenant)", size, on: ring, copies: copies)
            #expect(shard.count == expected)
            guard zones > 0, expected < memberCount else { continue }
            let perZone = Dictionary(grouping: shard) { Self.zone($0, of: zones) }.mapValues(
                \.count
            )
            #expect(Set(perZone.values) == [expected / zones])
            #expect(perZone.count == zones)
        }
    }

    @Test func `where a zone has too few members the others give more, for all copies`() {
        var members = Self.members(6, zones: 1)
        members.append(Self.member("single", zone: "other"))
        let ring = Self.ring(members)
        for tenant in 0..<50 {
            let shard = Self.writers(of: "tenant-\(tenant)", 4, on: ring, copies: 5)
            #expect(shard.count == 5)
            #expect(shard.contains("single"))
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `a larger shard keeps the members of a smaller one`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let ring = Self.ring(Self.randomMembers(using: &random))
        for tenant in 0..<20 {
            var before: Set<String> = []
            for size in 1...(ring.members.count + 2) {
                let shard = Set(Self.writers(of: "\(tenant)", size, on: ring))
                #expect(shard.isSuperset(of: before), "tenant \(tenant), size \(size)")
                before = shard
            }
            #expect(before == Set(Self.writers(of: "\(tenant)", 0, on: ring)))
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `a member that joins or goes changes one member of its zone's at most`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let zones = [0, 2, 3][Int(seed % 3)]
        let all = Self.members(Int.random(in: 9...30, using: &random), zones: zones)
        let gone = Int.random(in: 0..<all.count, using: &random)
        var rest = all
        rest.remove(at: gone)
        let (large, small) = (Self.ring(all), Self.ring(rest))
        for tenant in 0..<100 {
            for size in [3, 6] {
                let with = Set(Self.writers(of: "\(tenant)", size, on: large))
                let without = Set(Self.writers(of: "\(tenant)", size, on: small))
                let name = all[gone].instance
                if with.contains(name) {
                    #expect(with.subtracting(without) == [name])
                    #expect(without.subtracting(with).count <= 1)
                } else {
                    #expect(with == without)
                }
            }
        }
    }

    @Test func `the order of the list of members makes no difference`() {
        var random = SeededGenerator(seed: 3)
        let members = Self.members(15, zones: 3)
        let expected = Self.writers(of: "t", 6, on: Self.ring(members))
        for _ in 0..<5 {
            #expect(
                Self.writers(of: "t", 6, on: Self.ring(members.shuffled(using: &random)))
                    == expected
            )
        }
    }

    @Test func `dead members stay in a shard, those that leave or are read-only do not`() {
        let members = Self.members(12, zones: 3)
        let shard = Self.writers(of: "t", 6, on: Self.ring(members))
        let victim = shard[2]
        let dead = HashRing(members: members) { $0.instance != victim }
        #expect(Self.writers(of: "t", 6, on: dead) == shard)
        for state in [MemberState.leaving, .readOnly] {
            let changed = members.map { member in
                var member = member
                if member.instance == victim { member.state = state }
                return member
            }
            let other = Set(Self.writers(of: "t", 6, on: Self.ring(changed)))
            #expect(Set(shard).subtracting(other) == [victim])
            #expect(other.count == 6)
        }
        let restarted = members.map { member in
            var member = member
            if member.instance == victim { member.state = .pending }
            return member
        }
        #expect(Self.writers(of: "t", 6, on: Self.ring(restarted)) == shard)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `series are placed inside of the shard by the rules of the ring`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let members = Self.randomMembers(using: &random)
        let dead = Set(
            members.map(\.instance).filter { _ in .random(in: 0..<5, using: &random) == 0 }
        )
        let whole = HashRing(members: members) { !dead.contains($0.instance) }
        for tenant in 0..<10 {
            let size = Int.random(in: 1...6, using: &random)
            guard
                let positions = ShuffleShard(tenant: "\(tenant)", size: size)
                    .writers(of: whole, replicationFactor: 3)
            else { continue }
            let ring = whole.restricted(to: positions)
            #expect(ring.isPart)
            #expect(ring.members == positions.map { whole.members[$0] })
            let healthy = ring.members.filter { !dead.contains($0.instance) }
            #expect(ring.healthyCount == healthy.count)
            let zones = Set(healthy.map { $0.zone.isEmpty ? $0.instance : $0.zone })
            for _ in 0..<50 {
                let token = UInt32.random(in: 0 ... .max, using: &random)
                let replicas = ring.replicas(for: token, replicationFactor: 3)
                    .map { ring.members[$0] }
                #expect(replicas.count == min(3, healthy.count))
                #expect(replicas.allSatisfy { !dead.contains($0.instance) })
                let used = Set(replicas.map { $0.zone.isEmpty ? $0.instance : $0.zone })
                #expect(used.count == min(zones.count, replicas.count))
            }
            // What fails together, and nothing else, does so on the whole ring.
            let domains = positions.indices.map { ring.failureDomain(of: $0, replicationFactor: 3) }
            let wholes = positions.map { whole.failureDomain(of: $0, replicationFactor: 3) }
            for (one, other) in zip(positions.indices, positions.indices.dropFirst()) {
                #expect((domains[one] == domains[other]) == (wholes[one] == wholes[other]))
            }
            #expect(Set(domains).count == Set(wholes).count)
        }
    }

    @Test func `tenants are spread evenly, and few share a whole shard`() {
        let ring = Self.ring(Self.members(30, zones: 3))
        var load = [Int](repeating: 0, count: 30)
        var shards: [[Int]: Int] = [:]
        for tenant in 0..<10_000 {
            let shard = ShuffleShard(tenant: "tenant-\(tenant)", size: 6)
            let picked = shard.writers(of: ring, replicationFactor: 3) ?? []
            for member in picked { load[member] += 1 }
            shards[picked, default: 0] += 1
        }
        // 2000 each; a standard deviation of 40.
        #expect(load.allSatisfy { (1840...2160).contains($0) }, "\(load)")
        // Of 45³ = 91,125 equally likely ones.
        #expect(shards.count > 9_000, "\(shards.count)")
        #expect(shards.values.max() ?? 0 <= 5)
    }

    @Test(arguments: [3, 6])
    func `a tenant's series are spread evenly over its shard`(size: Int) {
        var random = SeededGenerator(seed: 11)
        var members: [RingMember] = []
        for number in 0..<12 {
            var member = Self.member("m-\(number)", zone: "z\(number % 3)")
            member.tokens = TokenChoice.tokens(
                joining: member.zone,
                members: members,
                using: &random
            )
            members.append(member)
        }
        let whole = Self.ring(members)
        for tenant in 0..<20 {
            let shard = ShuffleShard(tenant: "t\(tenant)", size: size)
            guard let positions = shard.writers(of: whole, replicationFactor: 3) else {
                Issue.record("all")
                return
            }
            let ring = whole.restricted(to: positions)
            var counts = [Int](repeating: 0, count: size)
            for _ in 0..<6000 {
                let token = UInt32.random(in: 0 ... .max, using: &random)
                for member in ring.replicas(for: token, replicationFactor: 3) {
                    counts[member] += 1
                }
            }
            let fair = 6000 * 3 / size
            for count in counts { #expect(abs(count - fair) * 8 < fair, "\(counts)") }
        }
    }

    @Test func `the places of series in a shard are fixed for ever`() {
        let whole = Self.ring(Self.members(9, zones: 3))
        let shard = ShuffleShard(tenant: "team-a", size: 6)
        guard let positions = shard.writers(of: whole, replicationFactor: 3) else {
            Issue.record("all")
            return
        }
        let ring = whole.restricted(to: positions)
        let owners = (0..<8).map { eighth in
            ring.replicas(for: UInt32(eighth) << 29, replicationFactor: 3)
                .map { ring.members[$0].instance.suffix(2) }.joined(separator: " ")
        }
        #expect(owners == Golden.owners)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `only the series of a member that is replaced move`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let all = Self.members(12, zones: 3)
        var rest = all
        let gone = rest.remove(at: Int(seed) % 12).instance
        let (large, small) = (Self.ring(all), Self.ring(rest))
        for tenant in 0..<20 {
            let shard = ShuffleShard(tenant: "\(tenant)", size: 6)
            guard let with = shard.writers(of: large, replicationFactor: 3),
                let without = shard.writers(of: small, replicationFactor: 3)
            else {
                Issue.record("all")
                return
            }
            let (before, after) = (large.restricted(to: with), small.restricted(to: without))
            for _ in 0..<100 {
                let token = UInt32.random(in: 0 ... .max, using: &random)
                let old = Set(
                    before.replicas(for: token, replicationFactor: 3)
                        .map { before.members[$0].instance }
                )
                let new = Set(
                    after.replicas(for: token, replicationFactor: 3)
                        .map { after.members[$0].instance }
                )
                // A series moves to the successor at most, and others keep all of their members but one.
                #expect(old.subtracting(new).count <= 1)
                if !with.contains(where: { large.members[$0].instance == gone }) {
                    #expect(old == new)
                }
            }
        }
    }

    @Test(arguments: [(3, 3, 3, 3), (4, 3, 3, 6), (1, 3, 1, 3), (7, 3, 1, 7), (5, 2, 2, 6)])
    func `how many members a shard has can be known without a ring`(
        size: Int,
        copies: Int,
        zones: Int,
        expected: Int
    ) {
        let count = ShuffleShard.count(size: size, replicationFactor: copies, zoneCount: zones)
        #expect(count == expected)
        let ring = Self.ring(Self.members(30, zones: zones))
        #expect(Self.writers(of: "t", size, on: ring, copies: copies).count == expected)
    }

    // MARK: Rings

    static func ring(_ members: [RingMember]) -> HashRing {
        HashRing(members: members) { _ in true }
    }

    static func writers(
        of tenant: String,
        _ size: Int,
        on ring: HashRing,
        copies: Int = 3
    ) -> [String] {
        let positions = ShuffleShard(tenant: tenant, size: size)
            .writers(of: ring, replicationFactor: copies)
        return (positions ?? Array(ring.members.indices)).map { ring.members[$0].instance }
    }

    static func member(_ name: String, zone: String = "") -> RingMember {
        var random = SeededGenerator(seed: ShuffleShard.seed(of: name))
        let tokens = (0..<16).map { _ in UInt32.random(in: 0 ... .max, using: &random) }.sorted()
        return RingMember(instance: name, address: "", zone: zone, state: .active, tokens: tokens)
    }

    /// Names with two digits, in zones that follow each other.
    static func members(_ count: Int, zones: Int) -> [RingMember] {
        (0..<count).map { number in
            let name = "ingester-\(number / 10)\(number % 10)"
            return member(name, zone: zones == 0 ? "" : "zone-\(number % zones)")
        }
    }

    static func zone(_ instance: String, of zones: Int) -> Int {
        (Int(instance.suffix(2)) ?? 0) % zones
    }

    static func randomMembers(using random: inout SeededGenerator) -> [RingMember] {
        let zones = Int.random(in: 0...4, using: &random)
        return (0..<Int.random(in: 1...16, using: &random)).map { number in
            member(
                "m-\(number)",
                zone: zones == 0 ? "" : "zone-\(Int.random(in: 0..<zones, using: &random))"
            )
        }
    }

    private enum Golden {
        static let owners = [
            "05 07 06", "02 03 04", "07 05 03", "05 04 03", "04 06 02", "07 06 02", "03 04 05",
            "02 03 04",
        ]
        static let teamA3 = ["ingester-02", "ingester-03", "ingester-07"]
        static let teamA6 = [
            "ingester-02", "ingester-03", "ingester-04", "ingester-05", "ingester-06",
            "ingester-07",
        ]
        static let teamB3 = ["ingester-02", "ingester-04", "ingester-06"]
    }
}
