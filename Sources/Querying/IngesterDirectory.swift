public import ClusterInterface

/// Finds the ingesters that may hold recent samples.
public protocol IngesterDirectory: Sendable {
    /// All members of the ring that a complete answer needs, as known now.
    func readers() -> ReadSet
}

/// The ingesters to ask, and how many of them may fail to answer.
public struct ReadSet: Sendable {
    public var members: [(instance: String, client: any IngesterClient)]
    /// Members that the ring says cannot answer now: dead, or replaying their log.
    public var missing: [String]
    /// An acknowledged sample is on W replicas, so W − 1 members may be missing.
    public var tolerated: Int

    public init(
        members: [(instance: String, client: any IngesterClient)],
        missing: [String],
        tolerated: Int
    ) {
        self.members = members
        self.missing = missing
        self.tolerated = tolerated
    }
}
