/// Decides whether answers that are missing may be counted by zone.
///
/// A ring with as many zones as copies counts acknowledgements by zone, one with fewer by member: then a zone may hold all
/// witnesses of a sample. As long as such samples may be in no block, a zone that is lost counts as many as its members.
/// What was before the first look is not known; a ring that has its zones then is taken to have had them for long. Nor are the
/// first seconds of a cluster looked at in which its members come one after the other.
public struct ZoneHistory: Sendable {
    /// Since when there are enough zones, in milliseconds; nil where there are not.
    private var since: Int64?
    private var isFirst = true
    /// Whether they may be counted so now.
    public private(set) var countsByZone = false

    /// Others may go by an older copy of the ring for so long, in milliseconds.
    static let margin: Int64 = 60_000
    /// Members that hold nothing older, in milliseconds, have only begun.
    static let beginning: Int64 = 30_000

    public init() {}

    /// Takes a newly read ring.
    ///
    /// - Parameters:
    ///   - hasZones: See ``HashRing/hasZones(for:)``.
    ///   - now: Milliseconds of any clock that does not go back.
    public mutating func update(_ members: [RingMember], hasZones: Bool, at now: Int64) {
        defer { isFirst = false }
        guard hasZones else {
            since = nil
            countsByZone = false
            return
        }
        let since = since ?? now
        self.since = since
        countsByZone = countsByZone || isFirst || Self.haveStored(members, for: now - since)
    }

    /// Whether all members have stored what they took before so many milliseconds.
    private static func haveStored(_ members: [RingMember], for time: Int64) -> Bool {
        members.allSatisfy { member in
            guard member.mayHoldSamples else { return true }
            guard let age = member.unstoredAge else { return false }
            return age < max(time - margin, beginning)
        }
    }
}
