import HashRing
import TestSupport
import Testing

@Suite struct HashRingTests {
    @Test func `a series belongs to the first token at or after its own`() {
        let ring = Self.ring([("a", "", [100, 300]), ("b", "", [200])])
        let owners = [0, 100, 101, 200, 201, 300, 301, .max].map {
            ring.members[ring.replicas(for: $0, replicationFactor: 1)[0]].instance
        }
        #expect(owners == ["a", "a", "b", "b", "a", "a", "a", "a"])
    }

    @Test func `an empty ring has no replicas`() {
        let ring = Self.ring([])
        #expect(ring.replicas(for: 5, replicationFactor: 3).isEmpty)
        #expect(ring.commonReplicas(replicationFactor: 3) == ReplicaSet())
        #expect(ring.healthyCount == 0)
        #expect(ring.ownership.isEmpty)
    }

    @Test func `members without tokens get no series`() {
        let ring = Self.ring([("a", "", [100]), ("b", "", [])])
        #expect(Array(ring.replicas(for: 5, replicationFactor: 3)) == [0])
    }

    @Test func `unhealthy members are passed over and the set extends`() {
        let members: [Member] = [("a", "", [100]), ("b", "", [200]), ("c", "", [300])]
        let ring = Self.ring(members, unhealthy: ["b"])
        #expect(Array(ring.replicas(for: 150, replicationFactor: 2)) == [2, 0])
        #expect(Array(ring.replicas(for: 150, replicationFactor: 3)) == [2, 0])
        #expect(ring.commonReplicas(replicationFactor: 2) == ReplicaSet([0, 2]))
        #expect(ring.commonReplicas(replicationFactor: 1) == nil)
    }

    @Test func `no zone is used twice while another has a healthy member`() {
        let members: [Member] = [
            ("a1", "a", [100]), ("a2", "a", [200]), ("b1", "b", [300]), ("c1", "c", [400]),
        ]
        let all = Self.ring(members)
        #expect(Array(all.replicas(for: 50, replicationFactor: 3)) == [0, 2, 3])
        let withoutC = Self.ring(members, unhealthy: ["c1"])
        #expect(Array(withoutC.replicas(for: 50, replicationFactor: 3)) == [0, 2, 1])
    }

    @Test func `members of a zone fail together where there are zones for all copies`() {
        let members: [Member] = [
            ("a1", "a", [100]), ("a2", "a", [200]), ("b1", "b", [300]), ("c1", "c", [400]),
        ]
        func domains(_ members: [Member], _ factor: Int) -> [UInt32] {
            let ring = Self.ring(members, unhealthy: ["c1"])
            return members.indices.map { ring.failureDomain(of: $0, replicationFactor: factor) }
        }
        let zoned = domains(members, 3)
        #expect(zoned[0] == zoned[1])
        #expect(Set(zoned).count == 3)
        // Four copies, three zones: a zone has to hold two.
        #expect(Set(domains(members, 4)).count == 4)
        // A zone without tokens holds nothing.
        #expect(Set(domains(members.dropLast() + [("c1", "c", [])], 3)).count == 4)
        #expect(Set(domains(members.map { ($0.instance, "", $0.tokens) }, 3)).count == 4)
    }

    @Test(arguments: 0..<60)
    func `replicas of random rings keep the rules`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let ring = Self.randomRing(using: &generator)
        let healthy = ring.members.indices.filter {
            ring.isHealthy[$0] && !ring.members[$0].tokens.isEmpty
        }
        let zoneCount = Set(healthy.map { Self.zone(ring.members[$0]) }).count
        for _ in 0..<100 {
            let factor = Int.random(in: 1...5, using: &generator)
            let token = UInt32.random(in: 0 ... .max, using: &generator)
            let replicas = Array(ring.replicas(for: token, replicationFactor: factor))
            #expect(replicas.count == min(factor, healthy.count))
            #expect(Set(replicas).count == replicas.count)
            #expect(replicas.allSatisfy { healthy.contains($0) })
            let zones = Set(replicas.map { Self.zone(ring.members[$0]) })
            #expect(zones.count == min(zoneCount, replicas.count))
            if let first = replicas.first {
                #expect(first == Self.firstHealthy(after: token, in: ring))
            }
            if healthy.count <= factor {
                #expect(
                    ring.commonReplicas(replicationFactor: factor) == ReplicaSet(replicas.sorted())
                )
            }
        }
    }

    @Test(arguments: 0..<20)
    func `a member that goes moves only the series it had`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let ring = Self.randomRing(using: &generator)
        guard let gone = ring.members.randomElement(using: &generator) else { return }
        let rest = HashRing(members: ring.members.filter { $0 != gone }) { member in
            ring.members.firstIndex(of: member).map { ring.isHealthy[$0] } ?? false
        }
        for _ in 0..<100 {
            let token = UInt32.random(in: 0 ... .max, using: &generator)
            let before = ring.replicas(for: token, replicationFactor: 3)
                .map { ring.members[$0].instance }
            guard !before.contains(gone.instance) else { continue }
            let after = rest.replicas(for: token, replicationFactor: 3)
                .map { rest.members[$0].instance }
            #expect(before == after)
        }
    }

    @Test func `shares of all members make up the whole`() {
        var generator = SeededGenerator(seed: 7)
        let ring = Self.randomRing(using: &generator)
        #expect(abs(ring.ownership.reduce(0, +) - 1) < 1e-9)
        #expect(Self.ring([("a", "", [5])]).ownership == [1])
    }

    @Test(arguments: [(1, 1, 0), (2, 2, 1), (3, 2, 1), (5, 3, 2)])
    func `a quorum is more than half`(factor: Int, write: Int, missing: Int) {
        let quorum = Quorum(replicationFactor: factor)
        #expect(quorum.write == write)
        #expect(quorum.missingReadsTolerated == missing)
    }

    typealias Member = (instance: String, zone: String, tokens: [UInt32])

    static func ring(_ members: [Member], unhealthy: Set<String> = []) -> HashRing {
        HashRing(
            members: members.map {
                RingMember(
                    instance: $0.instance,
                    address: "",
                    zone: $0.zone,
                    state: .active,
                    tokens: $0.tokens
                )
            }
        ) { !unhealthy.contains($0.instance) }
    }

    private static func randomRing(using generator: inout SeededGenerator) -> HashRing {
        let zones = Int.random(in: 0...4, using: &generator)
        let members = (0..<Int.random(in: 1...12, using: &generator)).map { number in
            let zone = zones == 0 ? "" : "zone-\(Int.random(in: 0..<zones, using: &generator))"
            let tokens = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                UInt32.random(in: 0 ... .max, using: &generator)
            }
            return ("member-\(number)", zone, tokens)
        }
        let unhealthy = members.map(\.0).filter { _ in Int.random(in: 0..<4, using: &generator) == 0
        }
        return ring(members, unhealthy: Set(unhealthy))
    }

    private static func zone(_ member: RingMember) -> String {
        member.zone.isEmpty ? "of \(member.instance)" : member.zone
    }

    /// The plain definition: every token, nearest clockwise first.
    private static func firstHealthy(after token: UInt32, in ring: HashRing) -> Int? {
        ring.members.indices.filter { ring.isHealthy[$0] && !ring.members[$0].tokens.isEmpty }
            .min { left, right in
                let distances = [left, right].map { member in
                    ring.members[member].tokens.map { $0 &- token }.min() ?? .max
                }
                return distances[0] < distances[1]
            }
    }
}
