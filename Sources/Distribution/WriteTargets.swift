public import ClusterInterface
public import HashRing

/// Where the distributor looks up, for each request, who takes writes now.
public protocol RingView: Sendable {
    /// The newest known ring; cheap, never waits.
    func current() -> WriteTargets
}

/// The ring at one moment, with the way to each of its members.
public struct WriteTargets: Sendable {
    public let ring: HashRing
    /// By position in the ring's list of members.
    let clients: [any IngesterClient]
    /// For each member, the slot of ``KnownSeries`` that its name hashes to.
    let slots: [Int]

    /// - Parameter client: The way to a member. Its calls must end by themselves, with an error where the ingester
    ///   does not answer: the distributor has no clock to give up by.
    public init(ring: HashRing, client: (RingMember) -> any IngesterClient) {
        self.ring = ring
        clients = ring.members.map(client)
        slots = ring.members.map { Self.slot(of: $0.instance) }
    }

    private static func slot(of instance: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in instance.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int((hash ^ hash >> 32) % UInt64(KnownSeries.slotCount))
    }
}
