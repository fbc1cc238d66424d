internal import RemoteWrite

/// What the election of its cluster means for a request.
enum HAStanding: Sendable {
    /// It is stored: it is of no pair, or of the elected replica.
    case stored
    /// It is of another replica, and answered at once.
    case deduplicated(HAClusterID)
    /// It is prepared again once its cluster's election is through.
    case unsettled(UnsettledWrite)
}

/// A request that waits for an election.
struct UnsettledWrite: Sendable {
    var claim: HAClaim
    /// Compressed.
    var body: [UInt8]
    var version: WriteVersion
    var now: Int64
    var limits: WriteLimits
}

/// How a body is admitted to be prepared.
enum Admission {
    /// As its cluster's election says.
    case byElection
    /// It was kept, and its replica is elected now: samples up to a time are left out.
    case replay(after: Int64)
}
