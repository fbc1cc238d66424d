public import HashRing
internal import MetricsModel

/// The series of which an ingester is the first to store what it has: those whose first replica it is.
///
/// Replicas hold the same samples, and one copy in the store is enough. Each ingester stores its share of a window at once; of
/// the rest, later, only what nobody else has stored. Rings that differ for a moment cost a copy more, never one less.
public struct FlushShare: Sendable {
    private let ring: HashRing
    /// Position in the ring's list of members; nil where it is not among them.
    private let member: Int?

    public init(ring: HashRing, instance: String) {
        self.ring = ring
        member = ring.members.firstIndex { $0.instance == instance }
    }

    func contains(_ fingerprint: Fingerprint) -> Bool {
        guard let member else { return false }
        return ring.replicas(for: fingerprint.token, replicationFactor: 1).first == member
    }
}
