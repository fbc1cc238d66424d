public import ClusterInterface
public import MetricsModel

/// Finds the ingesters that may hold recent samples.
public protocol IngesterDirectory: Sendable {
    /// All members of the ring that a complete answer needs, as known now.
    func readers() -> ReadSet

    /// Those that a complete answer about one tenant needs.
    func readers(of tenant: TenantID) -> ReadSet

    /// Reads anew who there is where that is known from so long ago that others may have joined since.
    ///
    /// To be called before ingesters and store are asked. What was known stays good while the store is away, since nobody
    /// joins then; behind it, an answer would lack the samples of those who did.
    /// - Throws: ``StoreError``.
    func refresh() async throws

    /// Reads anew who there is, even if that was read just now.
    ///
    /// To be called where the answer of an ingester is missing: somebody who joined a moment ago may be the other witness
    /// of what that one holds.
    /// - Throws: ``StoreError``.
    func refreshNow() async throws
}

extension IngesterDirectory {
    /// Where any ingester may hold samples of any tenant.
    public func readers(of tenant: TenantID) -> ReadSet { readers() }

    /// Where the ingesters are always the same.
    public func refresh() async throws {}

    /// Where the ingesters are always the same.
    public func refreshNow() async throws {}
}

/// The ingesters to ask, and how many of them may fail to answer.
public struct ReadSet: Sendable {
    /// One that is asked.
    public struct Member: Sendable {
        public var instance: String
        /// Number of what may be lost together with it; see `HashRing.failureDomain`.
        public var domain: UInt32
        public var client: any IngesterClient

        public init(instance: String, domain: UInt32, client: any IngesterClient) {
            self.instance = instance
            self.domain = domain
            self.client = client
        }
    }

    /// One that the ring says cannot answer now: dead, or replaying its log.
    public struct Missing: Sendable {
        public var instance: String
        public var domain: UInt32

        public init(instance: String, domain: UInt32) {
            self.instance = instance
            self.domain = domain
        }
    }

    public var members: [Member]
    public var missing: [Missing]
    /// An acknowledged sample is in W failure domains, so W − 1 of them may be missing.
    public var tolerated: Int
    /// Since when nobody has left who is not named here, in milliseconds since the Unix epoch.
    ///
    /// Whoever leaves has stored all it took as blocks. The earliest time where nobody ever leaves.
    public var knownSince: Int64

    public init(
        members: [Member],
        missing: [Missing],
        tolerated: Int,
        knownSince: Int64 = .min
    ) {
        self.members = members
        self.missing = missing
        self.tolerated = tolerated
        self.knownSince = knownSince
    }

    /// All that may hold samples, whether they can answer or not.
    var instances: Set<String> { Set(members.map(\.instance) + missing.map(\.instance)) }

    /// What a process knows before it has read the ring for the first time: not even whom it could ask.
    ///
    /// No answer is complete then, and nobody can say that all have stored something.
    public static let unread = ReadSet(
        members: [],
        missing: [Missing(instance: "all, since the ring was not read yet", domain: 0)],
        tolerated: 0
    )

    /// One ingester that holds everything.
    public init(only instance: String, client: any IngesterClient) {
        self.init(
            members: [Member(instance: instance, domain: 0, client: client)],
            missing: [],
            tolerated: 0
        )
    }
}
