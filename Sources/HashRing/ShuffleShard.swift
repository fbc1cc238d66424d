/// Picks the members of a ring that one tenant's series go to, so that tenants share few members with each other.
///
/// In each zone the members are put in an order that only the tenant's name and their own names decide (rendezvous
/// hashing; Thaler and Ravishankar, 1998), and the first ones are taken, as many in each zone. So every process picks the
/// same, a larger shard has all members of a smaller one, and a member that joins or goes changes at most one of its zone's.
public struct ShuffleShard: Sendable, Hashable {
    /// Members wanted; 0 is all.
    ///
    /// Rounded up to as many for each zone, and to as many as there are copies.
    public let size: Int
    private let seed: UInt64

    public init(tenant: String, size: Int) {
        precondition(size >= 0, "shard size \(size)")
        self.size = size
        seed = Self.seed(of: tenant)
    }

    /// The members that the tenant's series are given to, dead ones too; nil where these are all.
    ///
    /// One that leaves, or is read-only, is none of them: its place in the shard goes to the next one.
    /// - Returns: Positions in the ring's list of members, ascending.
    public func writers(of ring: HashRing, replicationFactor: Int) -> [Int]? {
        let eligible = ring.members.map(\.holdsPlaceInShards)
        guard let picked = pick(of: ring, replicationFactor, counting: eligible) else { return nil }
        let writers = picked.filter { eligible[$0] }
        return writers.count < eligible.count(where: \.self) ? writers : nil
    }

    /// The members that were given series of the tenant at any time at which only some of the others were there; nil
    /// where these may be all.
    ///
    /// - Parameter settled: For each member, whether it was in every shard then that it is in now. Members that are not
    ///   are picked, too, and the next ones for them.
    /// - Returns: Positions in the ring's list of members, ascending.
    public func readers(
        of ring: HashRing,
        replicationFactor: Int,
        settled: [Bool]
    ) -> [Int]? {
        let counted = zip(ring.members, settled).map { $0.holdsPlaceInShards && $1 }
        return pick(of: ring, replicationFactor, counting: counted)
    }

    /// How many members of `zoneCount` zones, each with as many members as there may be, a shard has.
    public static func count(size: Int, replicationFactor: Int, zoneCount: Int) -> Int {
        let quota = quota(size: size, replicationFactor: replicationFactor, zoneCount: zoneCount)
        return quota * zoneCount
    }

    /// Tokens of each member on the ring of a shard.
    public static let tokenCount = 512

    /// The tokens of a member on rings of shards, ascending.
    ///
    /// One in each of as many equal arcs, at a place that its name decides. So the members of a shard follow each other closely everywhere, and their shares differ by some per cent.
    static func tokens(of seed: UInt64) -> [UInt32] {
        (0..<UInt64(tokenCount)).map { arc in
            let place = mix(seed &+ (arc + 1) &* 0x9e37_79b9_7f4a_7c15)
            return UInt32(arc * arcSize + place % arcSize)
        }
    }

    private static let arcSize = RingArc.circle / UInt64(tokenCount)

    private static func quota(size: Int, replicationFactor: Int, zoneCount: Int) -> Int {
        (max(size, replicationFactor) - 1) / zoneCount + 1
    }

    /// The members of each zone in the tenant's order, until as many were met that count as the zone has to give.
    private func pick(
        of ring: HashRing,
        _ replicationFactor: Int,
        counting counted: [Bool]
    ) -> [Int]? {
        guard size > 0 else { return nil }
        let counts = ring.membersByZone.map { $0.count { counted[$0] } }
        let zoneCount = counts.count { $0 > 0 }
        guard zoneCount > 0, size < counts.reduce(0, +) else { return nil }
        var quota = Self.quota(
            size: size,
            replicationFactor: replicationFactor,
            zoneCount: zoneCount
        )
        // Where a zone has too few, the others give more: a shard has as many members as there are copies.
        let most = ring.membersByZone.map(\.count).max() ?? 0
        while quota < most, counts.reduce(0, { $0 + min($1, quota) }) < replicationFactor {
            quota += 1
        }
        var picked: [Int] = []
        for (members, count) in zip(ring.membersByZone, counts) {
            guard count >= quota else {
                picked += members
                continue
            }
            var left = quota
            for (_, member) in order(members, of: ring) where left > 0 {
                picked.append(member)
                if counted[member] { left -= 1 }
            }
        }
        return picked.sorted()
    }

    private func order(_ members: [Int], of ring: HashRing) -> [(rank: UInt64, member: Int)] {
        members.map { (rank: Self.mix(seed &+ ring.shardSeeds[$0]), member: $0) }
            .sorted { ($0.rank, $0.member) < ($1.rank, $1.member) }
    }

    /// Fixed for ever: processes of different versions must pick the same members.
    ///
    /// FNV-1a of the bytes, mixed.
    static func seed(of name: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return mix(hash)
    }

    /// The finalizer of MurmurHash3.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }
}

extension RingMember {
    /// Whether it is among those that shards are picked of: it is to take writes for longer.
    ///
    /// One that starts again keeps its place while it is pending, as it keeps its tokens.
    var holdsPlaceInShards: Bool {
        !tokens.isEmpty && state != .leaving && state != .readOnly
    }
}
