/// What a process has seen of the ring since it started, as far as it tells where samples may be that are in no block.
///
/// Each member says through which time it has stored all that it took. What it took later it took as a member of shards
/// that this process knows, if it has watched for long enough. All times are milliseconds of any clock that does not go back.
public struct RingHistory: Sendable {
    private struct Sighting {
        /// Since when it holds a place in shards without a break; nil while it does not.
        var placedSince: Int64?
        /// All that it took before this time is in blocks; nil where it never said.
        var storedThrough: Int64?
    }

    /// Longer than anything runs: some 35,000 years.
    private static let maximumAge: Int64 = 1 << 50

    /// By how much the views of two processes may be apart.
    private let lag: Int64
    private var began: Int64?
    private var sightings: [String: Sighting] = [:]

    /// - Parameter lag: So long before and after this process another one may have known the same ring and limits.
    public init(lag: Int64) { self.lag = lag }

    /// Takes a newly read ring.
    public mutating func update(_ members: [RingMember], at now: Int64) {
        if began == nil { began = now }
        var seen: [String: Sighting] = [:]
        for member in members {
            var sighting = sightings[member.instance] ?? Sighting()
            sighting.placedSince = member.holdsPlaceInShards ? sighting.placedSince ?? now : nil
            if let age = member.unstoredAge {
                // What was stored once stays stored, also where a member that starts again does not know it yet.
                let time = now - min(max(0, age), Self.maximumAge)
                sighting.storedThrough = max(sighting.storedThrough ?? time, time)
            }
            seen[member.instance] = sighting
        }
        sightings = seen
    }

    /// How far back a reader has to look.
    public struct LookBack: Sendable, Equatable {
        /// For each member, whether it may hold samples of any tenant: what it has not stored is from before this process
        /// began to watch.
        public var isUnknown: [Bool]
        /// For each member, whether it held its place at all times that count.
        public var isSettled: [Bool]
        /// Sizes of shards that were in force at or after this time count; nil where all members are unknown.
        public var since: Int64?
    }

    /// - Parameter ring: Of the members of the last update.
    public func lookBack(on ring: HashRing) -> LookBack {
        let seen = ring.members.map { sightings[$0.instance] ?? Sighting() }
        let starts = seen.map { sighting -> Int64? in
            guard let began, let stored = sighting.storedThrough else { return nil }
            let start = stored - lag
            return start >= began ? start : nil
        }
        let since = starts.compactMap(\.self).min()
        return LookBack(
            isUnknown: starts.map { $0 == nil },
            isSettled: seen.map { sighting in
                guard let since, let placed = sighting.placedSince else { return false }
                return placed <= since
            },
            since: since
        )
    }
}

extension RingHistory.LookBack {
    /// The members that may hold samples of a tenant that are in no block; nil where these may be all.
    ///
    /// - Parameter shard: With the largest size that was in force since ``since``.
    /// - Returns: Positions in the ring's list of members, ascending.
    public func readers(
        of shard: ShuffleShard,
        on ring: HashRing,
        replicationFactor: Int
    ) -> [Int]? {
        guard since != nil,
            let picked = shard.readers(
                of: ring,
                replicationFactor: replicationFactor,
                settled: isSettled
            )
        else { return nil }
        var isReader = isUnknown
        for member in picked { isReader[member] = true }
        return isReader.indices.filter { isReader[$0] }
    }
}
