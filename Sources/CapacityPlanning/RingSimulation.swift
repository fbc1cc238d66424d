public import HashRing

/// A ring of many ingesters that is made as a cluster makes it, one member after the other, and then measured.
public struct RingSimulation: Sendable {
    /// What was found.
    public struct Report: Sendable, Equatable {
        /// Seconds to choose the tokens of the last member.
        public var secondsToJoin: Double
        /// Seconds to make the table that series are looked up in.
        public var secondsToBuild: Double
        /// Nanoseconds to find the replicas of a series.
        public var nanosecondsToLookUp: Double
        /// The members with the fewest and the most of all copies, 1 being an even share.
        public var copies: ClosedRange<Double>
        /// The same for shares of the tokens' values.
        public var ownership: ClosedRange<Double>
        /// Share of all copies that change their ingester when one joins; an even one would be 1 / (members + 1).
        public var movedByJoin: Double
        /// The same when one leaves.
        public var movedByLeave: Double
        /// Share of all copies that go elsewhere while a whole zone is unhealthy; 0 where there are no zones.
        public var movedByZone: Double
    }

    public var ingesters: Int
    public var zones: Int
    public var replicationFactor: Int
    public var tokens: Int
    public var series: Int

    /// - Parameter series: How many random series lookups and moves are measured with.
    public init(
        ingesters: Int,
        zones: Int = 3,
        replicationFactor: Int = 3,
        tokens: Int = TokenChoice.defaultCount,
        series: Int = 1_000_000
    ) {
        precondition(ingesters > 0 && zones > 0 && series > 0)
        self.ingesters = ingesters
        self.zones = zones
        self.replicationFactor = replicationFactor
        self.tokens = tokens
        self.series = series
    }

    /// - Parameter progress: Told after each member that has joined.
    public func run(
        using generator: inout some RandomNumberGenerator,
        progress: (Int) -> Void = { _ in }
    ) -> Report {
        var members: [RingMember] = []
        members.reserveCapacity(ingesters)
        while members.count < ingesters {
            members.append(newcomer(to: members, using: &generator))
            progress(members.count)
        }
        let clock = ContinuousClock()
        var extra: RingMember?
        let join = clock.measure { extra = newcomer(to: members, using: &generator) }
        var ring = HashRing(members: [], isHealthy: { _ in true })
        let build = clock.measure { ring = HashRing(members: members) { _ in true } }

        let places = (0..<series).map { _ in UInt32.random(in: 0 ... .max, using: &generator) }
        var found = 0
        // Once to warm the caches, once to measure.
        func lookUpAll() {
            for place in places {
                found &+= ring.replicas(for: place, replicationFactor: replicationFactor).count
            }
        }
        lookUpAll()
        let lookup = clock.measure(lookUpAll)
        precondition(found > 0)
        let copies = copies(on: ring)
        let ownership = ring.ownership.map { $0 * Double(members.count) }
        let grown = HashRing(members: members + (extra.map { [$0] } ?? [])) { _ in true }
        let shrunk = HashRing(members: Array(members.dropLast())) { _ in true }
        let zone = zones > 1 ? members[0].zone : nil
        let without = HashRing(members: members) { $0.zone != zone || $0.zone.isEmpty }
        return Report(
            secondsToJoin: join / .seconds(1),
            secondsToBuild: build / .seconds(1),
            nanosecondsToLookUp: lookup / .nanoseconds(1) / Double(places.count),
            copies: Self.range(copies),
            ownership: Self.range(ownership),
            movedByJoin: moved(from: ring, to: grown, places),
            movedByLeave: moved(from: ring, to: shrunk, places),
            movedByZone: moved(from: ring, to: without, places)
        )
    }

    /// For each member, the part of all copies that it has, 1 being an even one: not by random series, but arc by arc.
    private func copies(on ring: HashRing) -> [Double] {
        let tokens = ring.members.flatMap(\.tokens).sorted()
        var sizes = [Double](repeating: 0, count: ring.members.count)
        var all = 0.0
        for (index, token) in tokens.enumerated() {
            let previous = tokens[index == 0 ? tokens.count - 1 : index - 1]
            let size = Double(token &- previous)
            for member in ring.replicas(for: token, replicationFactor: replicationFactor) {
                sizes[member] += size
                all += size
            }
        }
        return sizes.map { $0 * Double(sizes.count) / all }
    }

    private func newcomer(
        to members: [RingMember],
        using generator: inout some RandomNumberGenerator
    ) -> RingMember {
        let zone = zones > 1 ? "zone-\(members.count % zones)" : ""
        return RingMember(
            instance: "ingester-\(members.count)",
            address: "ingester-\(members.count):9021",
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

    /// The share of copies that an ingester has only in the second ring.
    private func moved(from old: HashRing, to new: HashRing, _ places: [UInt32]) -> Double {
        var (all, moved) = (0, 0)
        for place in places {
            let before = old.replicas(for: place, replicationFactor: replicationFactor)
            let after = new.replicas(for: place, replicationFactor: replicationFactor)
            all += before.count
            for member in after
            where !before.contains(where: {
                old.members[$0].instance == new.members[member].instance
            }) {
                moved += 1
            }
        }
        return Double(moved) / Double(max(1, all))
    }

    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        (values.min() ?? 0)...(values.max() ?? 0)
    }
}
