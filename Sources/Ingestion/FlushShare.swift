public import HashRing
public import MetricsModel

/// The series of which an ingester is the first to store what it has: those whose first replica it is.
///
/// Replicas hold the same samples, and one copy in the store is enough. Each ingester stores its share of a window at once; of
/// the rest, later, only what nobody else has stored. Rings that differ for a moment cost a copy more, never one less.
public struct FlushShare: Sendable {
    private let ring: HashRing
    private let instance: String
    private let writers: @Sendable (TenantID, HashRing) -> [Int]?

    /// - Parameter writers: The members, by position, that a tenant's series go to; nil where these are all.
    public init(
        ring: HashRing,
        instance: String,
        writers: @escaping @Sendable (TenantID, HashRing) -> [Int]? = { _, _ in nil }
    ) {
        self.ring = ring
        self.instance = instance
        self.writers = writers
    }

    /// Of one tenant.
    func share(of tenant: TenantID) -> TenantShare {
        TenantShare(
            ring: writers(tenant, ring).map(ring.restricted(to:)) ?? ring,
            instance: instance
        )
    }

    /// The series of one tenant that an ingester stores first.
    struct TenantShare: Sendable {
        private let ring: HashRing
        /// Position in the ring's list of members; nil where it is not among them.
        private let member: Int?

        init(ring: HashRing, instance: String) {
            self.ring = ring
            member = ring.members.firstIndex { $0.instance == instance }
        }

        func contains(_ fingerprint: Fingerprint) -> Bool {
            guard let member else { return false }
            return ring.replicas(for: fingerprint.token, replicationFactor: 1).first == member
        }
    }
}
