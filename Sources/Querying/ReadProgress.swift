/// Which ingesters have answered one question, and whether the answers are enough.
///
/// Every acknowledged sample is in as many failure domains as a write needs; so as long as fewer than that are missing,
/// the answers of the others have it.
struct ReadProgress {
    enum Verdict: Equatable {
        /// Some answers that are outstanding are needed.
        case waiting
        /// Nothing acknowledged is missing, though some have not answered.
        case enough
        /// All have answered or failed, and nothing acknowledged is missing.
        case complete
        /// Too many are missing, whatever the others answer.
        case incomplete
    }

    private let domains: [UInt32]
    private let tolerated: Int
    private var missing: Set<UInt32>
    private(set) var outstanding: Set<Int>

    init(_ readers: ReadSet) {
        domains = readers.members.map(\.domain)
        tolerated = readers.tolerated
        missing = Set(readers.missing.map(\.domain))
        outstanding = Set(readers.members.indices)
    }

    /// - Parameter member: Position in the list of members; one that was recorded before changes nothing.
    mutating func record(_ member: Int, hasAnswered: Bool) {
        guard outstanding.remove(member) != nil, !hasAnswered else { return }
        missing.insert(domains[member])
    }

    var verdict: Verdict {
        if missing.count > tolerated { return .incomplete }
        if outstanding.isEmpty { return .complete }
        let withoutThem = missing.union(outstanding.map { domains[$0] })
        return withoutThem.count <= tolerated ? .enough : .waiting
    }
}
