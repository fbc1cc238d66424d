/// The members of the ring and their tokens at one moment; a value that never changes.
///
/// A token marks the end of the arc that its member owns: a series belongs to the member with the first token
/// at or after the series' own, clockwise, and further copies go to the members that follow.
public struct HashRing: Sendable {
    /// By instance, as they were when the ring was made: their ages may be older than those of the last poll.
    public let members: [RingMember]
    /// For each member, whether it is given series.
    public let isHealthy: [Bool]
    /// Ascending by token; a token that two members hold counts for the one whose instance sorts first.
    private let places: [Place]
    /// For each value of the upper bits of a token, the place where the search starts.
    private let buckets: [UInt32]
    private let bucketShift: UInt32
    /// Healthy members that hold tokens.
    public let healthyCount: Int
    /// Zones with at least one of them.
    private let healthyZoneCount: Int
    /// For each member, the number of its zone; one without a zone is a zone of its own.
    private let zones: [UInt32]
    /// Zones with a member that holds tokens, healthy or not.
    private let zoneCount: Int

    /// Whether it is made of some members of another ring.
    public let isPart: Bool
    /// For each zone by name, the members in it; what shards are picked from.
    let membersByZone: [[Int]]
    /// For each member, a number that its name alone decides.
    let shardSeeds: [UInt64]

    /// - Parameter isHealthy: Whether a member may be given series now: its state, its heartbeat, and what its
    ///   connection says. Unhealthy ones keep their place, and their series go to the members that follow.
    public init(members: [RingMember], isHealthy: (RingMember) -> Bool) {
        let members = members.sorted { $0.instance < $1.instance }
        self.init(
            members: members,
            isHealthy: members.map(isHealthy),
            zones: Self.zoneNumbers(members),
            zoneCount: nil,
            tokens: { members[$0].tokens }
        )
    }

    /// The ring of some members alone, with tokens of its own.
    ///
    /// Those of a whole ring are chosen for all of its members, and leave the shares of a few of them up to 30 % apart. What
    /// fails together is what fails together on the whole ring.
    ///
    /// - Parameter positions: In the list of members, ascending.
    public func restricted(to positions: [Int]) -> HashRing {
        HashRing(
            members: positions.map { members[$0] },
            isHealthy: positions.map { isHealthy[$0] },
            zones: positions.map { zones[$0] },
            zoneCount: zoneCount,
            tokens: { ShuffleShard.tokens(of: shardSeeds[positions[$0]]) }
        )
    }

    /// - Parameters:
    ///   - members: By instance.
    ///   - zoneCount: nil where the zones of these members are all zones.
    ///   - tokens: Of a member, ascending.
    private init(
        members: [RingMember],
        isHealthy: [Bool],
        zones: [UInt32],
        zoneCount: Int?,
        tokens: (Int) -> [UInt32]
    ) {
        // Token and owner in one number: the members' tokens are ascending runs, which sorting merges.
        var entries: [UInt64] = []
        for position in members.indices {
            for token in tokens(position) { entries.append(UInt64(token) << 32 | UInt64(position)) }
        }
        entries.sort()
        var places: [Place] = []
        places.reserveCapacity(entries.count)
        for entry in entries {
            let token = UInt32(truncatingIfNeeded: entry >> 32)
            let owner = UInt32(truncatingIfNeeded: entry)
            guard places.last?.token != token else { continue }
            places.append(
                Place(
                    token: token,
                    member: owner,
                    zone: isHealthy[Int(owner)] ? zones[Int(owner)] : Place.unhealthy
                )
            )
        }
        var hasPlace = [Bool](repeating: false, count: members.count)
        for place in places { hasPlace[Int(place.member)] = true }
        let placed = members.indices.filter { hasPlace[$0] }
        let eligible = placed.filter { isHealthy[$0] }

        self.members = members
        self.isHealthy = isHealthy
        self.places = places
        healthyCount = eligible.count
        healthyZoneCount = Set(eligible.map { zones[$0] }).count
        self.zones = zones
        self.zoneCount = zoneCount ?? Set(placed.map { zones[$0] }).count
        (buckets, bucketShift) = Self.makeBuckets(places)
        // Shards are picked of whole rings only.
        isPart = zoneCount != nil
        membersByZone =
            isPart ? [] : Dictionary(grouping: placed) { members[$0].zone }.map(\.value)
        shardSeeds = isPart ? [] : members.map { ShuffleShard.seed(of: $0.instance) }
    }

    /// The ring of newly read members: this one where nothing but ages has changed.
    ///
    /// Half a million tokens take a tenth of a second to lay out: not for heartbeats alone.
    public func updated(
        _ members: [RingMember],
        isHealthy: (RingMember) -> Bool
    ) -> HashRing {
        let sorted = members.sorted { $0.instance < $1.instance }
        let isSame =
            self.members.elementsEqual(sorted) { $0.isPlaced(as: $1) }
            && self.isHealthy.elementsEqual(sorted.lazy.map(isHealthy))
        return isSame ? self : HashRing(members: sorted, isHealthy: isHealthy)
    }

    /// The replicas of a series: `replicationFactor` distinct healthy members clockwise from the token.
    ///
    /// No two are in one zone as long as another zone has a healthy member; then the zones are used once more, and
    /// so on. Fewer are returned where fewer are healthy. Allocates nothing; a few steps over the tokens
    /// where zones and healthy members are mixed, which chosen tokens see to.
    public func replicas(for token: UInt32, replicationFactor: Int) -> ReplicaSet {
        var replicas = ReplicaSet()
        let wanted = min(replicationFactor, healthyCount)
        guard wanted > 0 else { return replicas }
        let start = index(ofOwner: token)
        var zones = SIMD8<UInt32>(repeating: Place.unhealthy)
        walkOncePerZone(
            from: start,
            wanted: min(wanted, healthyZoneCount),
            zones: &zones,
            into: &replicas
        )
        // Each further round allows one more member of a zone.
        var zoneAllowance = 2
        while replicas.count < wanted {
            walk(
                from: start,
                wanted: min(wanted, zoneAllowance * healthyZoneCount),
                zoneAllowance: zoneAllowance,
                zones: &zones,
                into: &replicas
            )
            zoneAllowance += 1
        }
        return replicas
    }

    /// The one replica set of all tokens, where there are no more healthy members than copies.
    ///
    /// Members come by position instead of ring order.
    public func commonReplicas(replicationFactor: Int) -> ReplicaSet? {
        guard healthyCount <= replicationFactor else { return nil }
        return ReplicaSet(replicas(for: 0, replicationFactor: replicationFactor).sorted())
    }

    /// What may be lost together with a member: its zone, where the ring has as many zones as copies, else it alone.
    ///
    /// Acknowledgements and missing answers are counted by domain. A zone that is lost then never holds all the
    /// witnesses of an acknowledged sample, also where a copy had to go to a second member of a zone because all of
    /// another zone was away.
    public func failureDomain(of member: Int, replicationFactor: Int) -> UInt32 {
        failureDomain(of: member, byZone: hasZones(for: replicationFactor))
    }

    /// The same for readers, who know from ``ZoneHistory`` what counts.
    public func failureDomain(of member: Int, byZone: Bool) -> UInt32 {
        byZone ? zones[member] : UInt32(member)
    }

    /// Whether the ring has as many zones as copies.
    public func hasZones(for replicationFactor: Int) -> Bool { zoneCount >= replicationFactor }

    /// For each member, its share of all tokens' values, from 0 to 1, healthy or not.
    public var ownership: [Double] {
        var owned = [UInt64](repeating: 0, count: members.count)
        guard var previous = places.last?.token else { return owned.map { _ in 0 } }
        for place in places {
            owned[Int(place.member)] += RingArc.size(from: previous, to: place.token)
            previous = place.token
        }
        return owned.map { Double($0) / Double(RingArc.circle) }
    }

    private func walkOncePerZone(
        from start: Int,
        wanted: Int,
        zones: inout SIMD8<UInt32>,
        into replicas: inout ReplicaSet
    ) {
        var index = start
        while replicas.count < wanted {
            let place = places[index]
            index = index + 1 == places.count ? 0 : index + 1
            guard place.zone != Place.unhealthy,
                !any(zones .== SIMD8(repeating: place.zone))
            else { continue }
            zones[replicas.count] = place.zone
            replicas.append(Int(place.member))
        }
    }

    private func walk(
        from start: Int,
        wanted: Int,
        zoneAllowance: Int,
        zones: inout SIMD8<UInt32>,
        into replicas: inout ReplicaSet
    ) {
        var index = start
        for _ in 0..<places.count {
            guard replicas.count < wanted else { return }
            let place = places[index]
            index = index + 1 == places.count ? 0 : index + 1
            let member = Int(place.member)
            guard place.zone != Place.unhealthy, !replicas.contains(member) else { continue }
            let inZone = (0..<replicas.count).count { zones[$0] == place.zone }
            guard inZone < zoneAllowance else { continue }
            zones[replicas.count] = place.zone
            replicas.append(member)
        }
    }

    /// The first place at or after a token; past the last one, the first of all.
    private func index(ofOwner token: UInt32) -> Int {
        var index = Int(buckets[Int(token >> bucketShift)])
        while index < places.count, places[index].token < token { index += 1 }
        return index == places.count ? 0 : index
    }

    /// About one bucket a token, so that the search after it is short.
    private static func makeBuckets(_ places: [Place]) -> (buckets: [UInt32], shift: UInt32) {
        var bits: UInt32 = 1
        while bits < 24, 1 << bits < places.count { bits += 1 }
        let shift = 32 - bits
        var buckets = [UInt32](repeating: 0, count: 1 << Int(bits))
        var index = 0
        for bucket in buckets.indices {
            while index < places.count, Int(places[index].token >> shift) < bucket { index += 1 }
            buckets[bucket] = UInt32(index)
        }
        return (buckets, shift)
    }

    /// For each member, the number of its zone, from 0; an empty zone name makes a zone of its own.
    private static func zoneNumbers(_ members: [RingMember]) -> [UInt32] {
        var numbers: [String: UInt32] = [:]
        var next: UInt32 = 0
        return members.map { member in
            if !member.zone.isEmpty, let number = numbers[member.zone] { return number }
            defer { next += 1 }
            if !member.zone.isEmpty { numbers[member.zone] = next }
            return next
        }
    }
}

/// One token on the ring, with all that a walk looks at side by side.
private struct Place {
    /// The zone of members that are passed over.
    static let unhealthy = UInt32.max

    var token: UInt32
    /// Position in the list of members.
    var member: UInt32
    /// Number of the member's zone.
    var zone: UInt32
}

/// Arithmetic on the circle of 2³² tokens.
enum RingArc {
    static let circle: UInt64 = 1 << 32

    /// Tokens after `start` up to and including `end`; the whole circle where they are equal.
    static func size(from start: UInt32, to end: UInt32) -> UInt64 {
        start == end ? circle : UInt64(end &- start)
    }
}
