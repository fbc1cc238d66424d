/// Finds members that are gone for good, and that can be forgotten without losing anything.
///
/// What a dead member took, a quorum took: others have it. As long as it is only in their memories and logs, the dead
/// one still counts as a witness that is missing, so that no further loss goes unnoticed. Once all others have stored what
/// they had taken by the time of its death, nothing can be lost with it any more.
public struct DeadMembers: Sendable {
    /// A death as this process saw it.
    private struct Sighting {
        var epoch: Int64
        var since: Int64
    }

    /// Milliseconds.
    private let heartbeatTimeout: Int64
    private let quorum: Quorum
    private var sightings: [String: Sighting] = [:]

    /// Others may go on sending to a member for as long as it takes them to notice its death.
    static let margin: Int64 = 60_000

    /// - Parameter heartbeatTimeout: Silence after which a member counts as dead, in milliseconds.
    public init(heartbeatTimeout: Int64, quorum: Quorum) {
        self.heartbeatTimeout = heartbeatTimeout
        self.quorum = quorum
    }

    /// Takes a newly read ring.
    ///
    /// A death counts from when it was first seen, not from the last heartbeat: while the store was away a member may
    /// have taken writes without a heartbeat.
    /// - Parameter now: Milliseconds of any clock that does not go back.
    /// - Returns: Those to forget.
    public mutating func update(_ members: [RingMember], at now: Int64) -> [RingMember] {
        let dead = members.filter(isDead)
        var seen: [String: Sighting] = [:]
        for member in dead {
            let before = sightings[member.instance]
            seen[member.instance] =
                before?.epoch == member.epoch ? before : Sighting(epoch: member.epoch, since: now)
        }
        sightings = seen
        return dead.filter { member in
            guard let since = seen[member.instance]?.since else { return false }
            return reasonToKeep(member, among: members, deadFor: now - since) == nil
        }
    }

    private func isDead(_ member: RingMember) -> Bool { member.heartbeatAge > heartbeatTimeout }

    /// Why a member cannot be forgotten, in words; nil where it can.
    ///
    /// - Parameter deadFor: How long it has been known to take no writes, in milliseconds.
    public func reasonToKeep(
        _ member: RingMember,
        among members: [RingMember],
        deadFor: Int64
    ) -> String? {
        guard isDead(member) else {
            return
                "its last heartbeat is \(member.heartbeatAge / 1000) s old, and it counts as dead after "
                + "\(heartbeatTimeout / 1000) s (ring.heartbeatTimeout)"
        }
        guard quorum.missingReadsTolerated > 0 else {
            return "with ring.replicationFactor 1 nobody else has what it took"
        }
        let others = members.filter { $0.instance != member.instance && $0.mayHoldSamples }
        guard !others.isEmpty else { return "no other ingester is on the ring" }
        for other in others {
            guard let age = other.unstoredAge else {
                return "\(other.instance) has not said yet what it has stored"
            }
            guard age < deadFor - Self.margin else {
                return
                    "\(other.instance) may hold samples from before the death that are in no block yet"
            }
        }
        return nil
    }
}
