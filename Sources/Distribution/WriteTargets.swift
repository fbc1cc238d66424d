public import ClusterInterface
public import HashRing
public import MetricsModel

/// Where the distributor looks up, for each request, who takes writes now.
public protocol RingView: Sendable {
    /// The newest known ring; cheap, never waits.
    func current() -> WriteTargets

    /// The part of it that a tenant's series go to.
    func current(for tenant: TenantID) -> WriteTargets
}

extension RingView {
    /// Of rings without shards.
    public func current(for tenant: TenantID) -> WriteTargets { current() }
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

    private init(ring: HashRing, clients: [any IngesterClient], slots: [Int]) {
        self.ring = ring
        self.clients = clients
        self.slots = slots
    }

    /// Some members alone, by ascending position.
    func restricted(to members: [Int]) -> WriteTargets {
        WriteTargets(
            ring: ring.restricted(to: members),
            clients: members.map { clients[$0] },
            slots: members.map { slots[$0] }
        )
    }

    private static func slot(of instance: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in instance.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int((hash ^ hash >> 32) % UInt64(KnownSeries.slotCount))
    }
}
